#include "reka/base/yaml.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/yaml_parser.h"

namespace reka {
namespace {

namespace fs = std::filesystem;
using Kind = YamlNode::Kind;

/// Of `NAME` or `NAME:-default` in the value of `node`.
std::string variable_value(std::string_view inside, YamlNode& node) {
  const auto mark = inside.find(":-");
  const std::string variable(inside.substr(0, mark));
  const auto* value = std::getenv(variable.c_str());
  if (value != nullptr && (mark == inside.npos || *value != '\0')) return value;
  if (mark != inside.npos) return std::string(inside.substr(mark + 2));
  node.wrong.push_back({node.origin, "",
                        " = " + node.text + ": the variable " + variable + " must be set, or ${" +
                            variable + ":-default} given"});
  return {};
}

std::string with_variables(YamlNode& node) {
  std::string_view rest = node.text;
  std::string result;
  while (!rest.empty()) {
    if (rest.starts_with("$${")) {
      result += "${";
      rest.remove_prefix(3);
    } else if (rest.starts_with("${")) {
      const auto end = rest.find('}');
      if (end == rest.npos) {
        node.wrong.push_back({node.origin, "", " = " + node.text + ": ${ must be closed by }"});
        return result;
      }
      result += variable_value(rest.substr(2, end - 2), node);
      rest.remove_prefix(end + 1);
    } else {
      result += rest.front();
      rest.remove_prefix(1);
    }
  }
  return result;
}

/// Replaces ${VARIABLE} in the values of a tree.
void replace_variables(YamlNode& node) {
  for (auto& item : node.items) replace_variables(item);
  if (!node.is(Kind::kScalar) || node.text.find("${") == std::string::npos) return;
  node.text = with_variables(node);
  if (node.text.empty() && !node.quoted) node.kind = Kind::kNull;
}

/// Reads files and carries out their includes.
class Includer {
 public:
  explicit Includer(ConfigErrors& errors) : errors_(errors) {}

  YamlNode parse(const std::string& text, const std::string& name) {
    auto root = parse_document(text, name, errors_);
    replace_variables(root);
    open_.push_back(fs::path(name).lexically_normal());
    expand(root, fs::path(name).parent_path());
    open_.pop_back();
    return root;
  }

 private:
  void expand(YamlNode& node, const fs::path& folder) {
    for (size_t n = 0; n < node.items.size(); ++n) {
      if (node.is(Kind::kList) || node.keys[n] != "include") expand(node.items[n], folder);
    }
    const auto* include = node.find("include");
    if (include == nullptr) return;
    YamlNode base;
    base.kind = Kind::kMapping;
    base.origin = node.origin;
    base.key_origin = node.key_origin;
    const auto files = include->is(Kind::kList) ? include->items : std::vector{*include};
    for (const auto& file : files) merge_file(base, file, folder);
    node.remove("include");
    merge_yaml(base, std::move(node));
    node = std::move(base);
  }

  void merge_file(YamlNode& base, const YamlNode& file, const fs::path& folder) {
    const auto fail = [&](const std::string& words) {
      base.wrong.push_back({file.origin, "include", words});
    };
    for (const auto& wrong : file.wrong) fail(wrong.words);
    if (!file.wrong.empty()) return;
    if (!file.is(Kind::kScalar)) return fail(": must be a file or a list of files");
    const auto name = (folder / file.text).lexically_normal();
    if (std::find(open_.begin(), open_.end(), name) != open_.end())
      return fail(" = " + file.text + ": must not include itself");
    YamlNode included;
    try {
      included = parse(read_file(name), name.string());
    } catch (const DataError& error) {
      return fail(" = " + file.text + ": " + error.what());
    }
    if (included.is(Kind::kMapping))
      merge_yaml(base, std::move(included));
    else if (!included.is(Kind::kNull))
      fail(" = " + file.text + ": must hold a mapping");
  }

  ConfigErrors& errors_;
  std::vector<fs::path> open_;  // the file that is read, and those that include it
};

std::string type_of(const YamlNode& node) {
  const auto* type = node.find("type");
  return type == nullptr ? "" : type->text;
}

void set_origin(YamlNode& node, const Origin& origin) {
  node.origin = node.key_origin = origin;
  for (auto& wrong : node.wrong) wrong.origin = origin;
  for (auto& item : node.items) set_origin(item, origin);
}

/// The mapping `{a: {b: value}}` for the path a.b.
YamlNode nest(std::string_view path, YamlNode value, const Origin& origin) {
  const auto dot = path.find('.');
  if (dot != path.npos) value = nest(path.substr(dot + 1), std::move(value), origin);
  YamlNode mapping;
  mapping.kind = Kind::kMapping;
  mapping.origin = mapping.key_origin = origin;
  mapping.add(std::string(path.substr(0, dot)), std::move(value));
  return mapping;
}

YamlNode* list_item(YamlNode& list, std::string_view index) {
  size_t n = 0;
  const auto [end, code] = std::from_chars(index.data(), index.data() + index.size(), n);
  const bool whole = code == std::errc() && end == index.data() + index.size();
  return whole && n < list.items.size() ? &list.items[n] : nullptr;
}

bool crosses_list(const YamlNode& node, std::string_view path) {
  if (node.is(Kind::kList)) return true;
  const auto dot = path.find('.');
  const auto* child = node.find(path.substr(0, dot));
  return child != nullptr && dot != path.npos && crosses_list(*child, path.substr(dot + 1));
}

/// False when the path names a list item that is not there.
bool assign(YamlNode& node, std::string_view path, YamlNode value, const Origin& origin) {
  if (!crosses_list(node, path)) {
    merge_yaml(node, nest(path, std::move(value), origin));
    return true;
  }
  const auto dot = path.find('.');
  const auto key = path.substr(0, dot);
  auto* child = node.is(Kind::kList) ? list_item(node, key) : node.find(key);
  if (child == nullptr) return false;
  if (dot != path.npos) return assign(*child, path.substr(dot + 1), std::move(value), origin);
  merge_yaml(*child, std::move(value));
  return true;
}

}  // namespace

std::string Origin::text() const {
  return line == 0 ? name : fmt::format("{}:{}:{}", name, line, column);
}

void ConfigErrors::add(const Origin& origin, std::string_view path, std::string_view words) {
  if (path.empty() && words.starts_with(": ")) words.remove_prefix(2);
  lines_.push_back({origin, fmt::format("{}: {}{}", origin.text(), path, words)});
}

void ConfigErrors::throw_if_any() {
  if (lines_.empty()) return;
  std::stable_sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) {
    return std::tie(a.origin.name, a.origin.line, a.origin.column) <
           std::tie(b.origin.name, b.origin.line, b.origin.column);
  });
  std::string text;
  for (const auto& line : lines_) text += (text.empty() ? "" : "\n") + line.text;
  throw ConfigError("{}", text);
}

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::find(keys.begin(), keys.end(), key);
  return found == keys.end() ? nullptr : &items[static_cast<size_t>(found - keys.begin())];
}

YamlNode* YamlNode::find(std::string_view key) {
  return const_cast<YamlNode*>(std::as_const(*this).find(key));
}

YamlNode& YamlNode::add(std::string key, YamlNode value) {
  keys.push_back(std::move(key));
  return items.emplace_back(std::move(value));
}

void YamlNode::remove(std::string_view key) {
  const auto found = std::find(keys.begin(), keys.end(), key);
  if (found == keys.end()) return;
  items.erase(items.begin() + (found - keys.begin()));
  keys.erase(found);
}

bool YamlNode::tell_wrong(const std::string& path, ConfigErrors& errors) const {
  for (const auto& [where, key, words] : wrong)
    errors.add(where, key.empty() ? path : join_key(path, key), words);
  return !wrong.empty();
}

void YamlNode::tell_all_wrong(const std::string& path, ConfigErrors& errors) const {
  tell_wrong(path, errors);
  for (size_t n = 0; n < items.size(); ++n) {
    const auto key = is(Kind::kMapping) ? keys[n] : std::to_string(n);
    items[n].tell_all_wrong(join_key(path, key), errors);
  }
}

std::string join_key(std::string_view path, std::string_view key) {
  return fmt::format("{}{}{}", path, path.empty() ? "" : ".", key);
}

YamlNode parse_yaml(const std::string& text, const std::string& name, ConfigErrors& errors) {
  return Includer(errors).parse(text, name);
}

YamlNode read_yaml(const fs::path& file, ConfigErrors& errors) {
  try {
    return parse_yaml(read_file(file), file.string(), errors);
  } catch (const DataError& error) {
    throw ConfigError("{}", error.what());
  }
}

void apply_override(YamlNode& root, const std::string& assignment, ConfigErrors& errors) {
  const Origin origin{"command line"};
  const auto equals = assignment.find('=');
  const auto path = assignment.substr(0, equals);
  if (equals == assignment.npos || path.empty())
    return errors.add(origin, "", assignment + ": must be key.path=value");
  ConfigErrors inner;  // of the value: its lines say nothing, so the path is named instead
  YamlNode value;
  try {
    value = parse_yaml(assignment.substr(equals + 1), "command line", inner);
    inner.throw_if_any();
  } catch (const ConfigError&) {
    return errors.add(origin, path, " = " + assignment.substr(equals + 1) + ": must be YAML");
  }
  set_origin(value, origin);
  if (!assign(root, path, std::move(value), origin))
    errors.add(origin, path, ": there is no such list item");
}

void merge_yaml(YamlNode& base, YamlNode above) {
  if (!base.is(Kind::kMapping) || !above.is(Kind::kMapping)) {
    base = std::move(above);
    return;
  }
  const auto old_type = type_of(base), new_type = type_of(above);
  if (!old_type.empty() && !new_type.empty() && old_type != new_type) {
    base = std::move(above);
    return;
  }
  if (base.typed)
    merge_yaml(*base.typed, above);
  else if (old_type.empty() && !new_type.empty())
    base.typed = std::make_shared<YamlNode>(above);
  base.wrong.insert(base.wrong.end(), above.wrong.begin(), above.wrong.end());
  for (size_t n = 0; n < above.items.size(); ++n) {
    if (auto* old = base.find(above.keys[n]))
      merge_yaml(*old, std::move(above.items[n]));
    else
      base.add(above.keys[n], std::move(above.items[n]));
  }
}

}  // namespace reka
