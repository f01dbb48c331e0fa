#include "reka/base/reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "reka/base/hash.h"
#include "reka/base/scalar.h"
#include "reka/base/words.h"

namespace reka {
namespace {

using Kind = YamlNode::Kind;

/// What stands in the file, as errors show it: " = 3".
std::string found(const YamlNode& node) {
  switch (node.kind) {
    case Kind::kNull:
      return " = nothing";
    case Kind::kList:
      return " = a list";
    case Kind::kMapping:
      return " = a mapping";
    default:
      return node.quoted ? " = \"" + node.text + "\"" : " = " + node.text;
  }
}

/// Reads the mapping of one struct.
class StructReader : public ConfigVisitor {
 public:
  StructReader(YamlNode& node, std::string path, ConfigErrors& errors)
      : node_(node), path_(std::move(path)), errors_(errors), before_(errors.size()) {}

  void field(const FieldInfo& info, Value& value) override;
  void rule(std::string_view key, const std::function<bool()>& holds,
            std::string_view text) override;
  void reject_unknown_keys(std::string_view type) const;

 private:
  struct Default {
    std::string key, text;
  };

  void read_absent(const std::string& path, const StructValue& part);
  void check_limits(const FieldInfo& info, const YamlNode* given, const Value& value);
  std::string default_of(std::string_view key) const;

  YamlNode& node_;
  std::string path_;
  ConfigErrors& errors_;
  size_t before_;  // errors that are none of this struct's
  std::vector<std::string> keys_;
  std::vector<Default> defaults_;  // of scalars that are not given
};

void read_struct(YamlNode& node, const std::string& path, const StructValue& config,
                 ConfigErrors& errors, std::string_view type = {}) {
  if (node.tell_wrong(path, errors)) return;
  if (!node.is(Kind::kMapping) && !node.is(Kind::kNull))
    return errors.add(node.origin, path.empty() ? "the file" : path,
                      found(node) + ": must be a mapping");
  StructReader reader(node, path, errors);
  config.describe(reader);
  reader.reject_unknown_keys(type);
}

/// Reads one value that is given.
struct ValueReader {
  YamlNode& node;
  const std::string& path;
  ConfigErrors& errors;

  void operator()(const ScalarValue& value) const {
    if (node.tell_wrong(path, errors)) return;
    const auto expectation = read_scalar(node, value);
    if (!expectation.empty()) errors.add(node.origin, path, found(node) + ": " + expectation);
  }

  void operator()(const StructValue& value) const { read_struct(node, path, value, errors); }

  void operator()(const OneOfValue& value) const {
    if (node.tell_wrong(path, errors)) return;
    if (node.is(Kind::kNull)) {
      return errors.add(node.origin, path,
                        fmt::format("{}: must be a mapping whose type is one of {}", found(node),
                                    join_words(value.names, ", ")));
    }
    const auto* type = node.find("type");
    if (type != nullptr && type->tell_wrong(join_key(path, "type"), errors)) return;
    if (type == nullptr) return read_struct(node, path, value.pick(value.held()), errors, "type");
    const auto at = std::find(value.names.begin(), value.names.end(), type->text);
    if (at == value.names.end()) {
      return errors.add(
          type->origin, join_key(path, "type"),
          fmt::format("{}: must be one of {}{}", found(*type), join_words(value.names, ", "),
                      did_you_mean(type->text, value.names)));
    }
    const auto index = static_cast<size_t>(at - value.names.begin());
    if (node.typed && index != value.held()) node = YamlNode(*node.typed);
    read_struct(node, path, value.pick(index), errors, *at);
  }

  void operator()(const SequenceValue& value) const {
    if (node.tell_wrong(path, errors)) return;
    if (!node.is(Kind::kNull) && !node.is(value.named ? Kind::kMapping : Kind::kList)) {
      const auto* expected = value.named ? ": must be a mapping by name" : ": must be a list";
      return errors.add(node.origin, path, found(node) + expected);
    }
    value.clear();
    for (size_t n = 0; n < node.items.size(); ++n) {
      const auto name = value.named ? node.keys[n] : std::to_string(n);
      const auto item_path = join_key(path, name);
      value.append(name, [&](Value& item) {
        std::visit(ValueReader{node.items[n], item_path, errors}, item);
      });
    }
  }

  void operator()(const OptionalValue& value) const {
    if (node.is(Kind::kNull) && node.wrong.empty()) return value.reset();
    const auto before = errors.size();
    value.use([&](Value& inner) { std::visit(*this, inner); });
    if (errors.size() > before) value.reset();
  }
};

void StructReader::field(const FieldInfo& info, Value& value) {
  keys_.emplace_back(info.key);
  auto* given = node_.find(info.key);
  const auto path = join_key(path_, info.key);
  const auto before = errors_.size();
  const auto* scalar = std::get_if<ScalarValue>(&value);
  if (given != nullptr) {
    std::visit(ValueReader{*given, path, errors_}, value);
  } else if (const auto* part = std::get_if<StructValue>(&value)) {
    read_absent(path, *part);
  } else if (const auto* choice = std::get_if<OneOfValue>(&value)) {
    read_absent(path, choice->pick(choice->held()));
  } else if (scalar != nullptr) {
    defaults_.push_back({keys_.back(), write_scalar(*scalar).text});
  }
  if (errors_.size() == before) check_limits(info, given, value);
}

/// The defaults of a struct that is not given: its own limits may ask for keys that must be.
void StructReader::read_absent(const std::string& path, const StructValue& part) {
  YamlNode nothing;
  nothing.origin = node_.origin;
  read_struct(nothing, path, part, errors_);
}

void StructReader::check_limits(const FieldInfo& info, const YamlNode* given, const Value& value) {
  for (const auto& limit : info.limits) {
    if (limit.holds()) continue;
    const auto path = join_key(path_, info.key);
    const bool leaf =
        std::holds_alternative<ScalarValue>(value) || std::holds_alternative<OptionalValue>(value);
    if (given == nullptr)
      errors_.add(node_.origin, path, fmt::format(": must be given: {}", limit.text));
    else
      errors_.add(given->origin, path,
                  fmt::format("{}: must be {}", leaf ? found(*given) : "", limit.text));
    return info.restore();
  }
}

void StructReader::rule(std::string_view key, const std::function<bool()>& holds,
                        std::string_view text) {
  if (errors_.size() > before_ || holds()) return;
  const auto* given = &node_;
  for (auto rest = key; given != nullptr && !rest.empty();) {
    const auto dot =
        given->find(rest) == nullptr ? rest.find('.') : rest.npos;  // a name may have dots
    given = given->find(rest.substr(0, dot));
    rest.remove_prefix(dot == rest.npos ? rest.size() : dot + 1);
  }
  const bool scalar = given != nullptr && given->is(Kind::kScalar);
  const auto value = given == nullptr ? default_of(key) : scalar ? found(*given) : "";
  errors_.add(given == nullptr ? node_.origin : given->origin, join_key(path_, key),
              fmt::format("{}: {}", value, text));
}

std::string StructReader::default_of(std::string_view key) const {
  for (const auto& known : defaults_) {
    if (known.key == key) return " = " + known.text + " (default)";
  }
  return {};
}

void StructReader::reject_unknown_keys(std::string_view type) const {
  for (size_t n = 0; n < node_.keys.size(); ++n) {
    const auto& key = node_.keys[n];
    if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) continue;
    if (key == "type" && !type.empty()) continue;
    auto hint = did_you_mean(key, keys_);
    if (hint.empty()) hint = fmt::format("; known here: {}", join_words(keys_, ", "));
    errors_.add(node_.items[n].key_origin, join_key(path_, key), ": unknown key" + hint);
    node_.items[n].tell_all_wrong(join_key(path_, key), errors_);  // it is not read
  }
}

/// Writes the values of a struct with the origins of `source`.
class StructWriter : public ConfigVisitor {
 public:
  StructWriter(YamlNode& mapping, const YamlNode* source) : mapping_(mapping), source_(source) {}

  void field(const FieldInfo& info, Value& value) override;
  void rule(std::string_view, const std::function<bool()>&, std::string_view) override {}

 private:
  YamlNode& mapping_;
  const YamlNode* source_;
};

YamlNode write_struct(const StructValue& config, const YamlNode* source,
                      const std::string& type = {}) {
  YamlNode mapping;
  mapping.kind = Kind::kMapping;
  if (!type.empty()) {
    YamlNode name;
    name.kind = Kind::kScalar;
    name.text = type;
    const auto* given = source == nullptr ? nullptr : source->find("type");
    if (given != nullptr) name.origin = given->origin;
    mapping.add("type", name);
  }
  StructWriter writer(mapping, source);
  config.describe(writer);
  return mapping;
}

struct ValueWriter {
  const YamlNode* source;

  YamlNode operator()(const ScalarValue& value) const { return with_origin(write_scalar(value)); }

  YamlNode operator()(const StructValue& value) const { return write_struct(value, source); }

  YamlNode operator()(const OneOfValue& value) const {
    const auto held = value.held();
    return write_struct(value.pick(held), source, value.names[held]);
  }

  YamlNode operator()(const SequenceValue& value) const {
    YamlNode node;
    node.kind = value.named ? Kind::kMapping : Kind::kList;
    value.each([&](const std::string& name, Value& item) {
      const auto at = node.items.size();
      const YamlNode* given = nullptr;
      if (source != nullptr && value.named) given = source->find(name);
      if (source != nullptr && !value.named && at < source->items.size())
        given = &source->items[at];
      auto written = std::visit(ValueWriter{given}, item);
      if (value.named)
        node.add(name, std::move(written));
      else
        node.items.push_back(std::move(written));
    });
    return with_origin(std::move(node));
  }

  YamlNode operator()(const OptionalValue& value) const {
    YamlNode node;
    if (value.given()) value.use([&](Value& inner) { node = std::visit(*this, inner); });
    return with_origin(std::move(node));
  }

 private:
  YamlNode with_origin(YamlNode node) const {
    if (source != nullptr) node.origin = source->origin;
    return node;
  }
};

void StructWriter::field(const FieldInfo& info, Value& value) {
  const auto* given = source_ == nullptr ? nullptr : source_->find(info.key);
  mapping_.add(std::string(info.key), std::visit(ValueWriter{given}, value));
}

}  // namespace

void read_config(YamlNode& tree, const StructValue& config, ConfigErrors& errors) {
  read_struct(tree, "", config, errors);
}

YamlNode resolve_config(const StructValue& config, const YamlNode& source) {
  return write_struct(config, &source);
}

std::string config_hash(const YamlNode& tree) {
  return hex(xxh3_128(write_yaml(tree, /*with_origins=*/false)));
}

YamlNode detail::load_tree(const StructValue& config, YamlNode source,
                           const std::vector<std::string>& overrides, ConfigErrors& errors) {
  for (const auto& assignment : overrides) apply_override(source, assignment, errors);
  read_config(source, config, errors);
  errors.throw_if_any();
  return resolve_config(config, source);
}

}  // namespace reka
