#include "reka/base/key_doc.h"

#include <algorithm>

#include "reka/base/scalar.h"
#include "reka/base/yaml.h"

namespace reka {
namespace {

using DocKind = KeyDoc::Kind;

void fill(KeyDoc& doc, Value& value);

/// Collects the keys of one struct.
class Documenter : public ConfigVisitor {
 public:
  explicit Documenter(KeyDoc& parent) : parent_(parent) {}

  void field(const FieldInfo& info, Value& value) override {
    KeyDoc doc;
    doc.path = join_key(parent_.path, info.key);
    doc.meaning = info.meaning;
    for (const auto& limit : info.limits) {
      doc.limits.emplace_back(limit.text);
      doc.required = doc.required || !limit.holds();
    }
    fill(doc, value);
    parent_.keys.push_back(std::move(doc));
  }

  void rule(std::string_view key, const std::function<bool()>&, std::string_view text) override {
    parent_.rules.emplace_back(key, text);
  }

 private:
  KeyDoc& parent_;
};

void fill_struct(KeyDoc& doc, const StructValue& config) {
  Documenter documenter(doc);
  config.describe(documenter);
}

/// The item of a table or list, below a name that stands for any.
KeyDoc item_doc(const KeyDoc& parent, Value& value) {
  KeyDoc item;
  item.path = join_key(parent.path, parent.kind == DocKind::kTable ? "<name>" : "<number>");
  fill(item, value);
  return item;
}

std::string default_text(const YamlNode& node) {
  auto text = write_yaml(node, /*with_origins=*/false);
  text.pop_back();  // the line's end
  return text;
}

/// The default of a list of scalars; longer ones are told by their keys.
std::string list_text(const SequenceValue& value) {
  YamlNode list;
  list.kind = value.named ? YamlNode::Kind::kMapping : YamlNode::Kind::kList;
  bool scalars = true;
  value.each([&](const std::string& name, Value& item) {
    const auto* scalar = std::get_if<ScalarValue>(&item);
    scalars = scalars && scalar != nullptr && !value.named;
    if (value.named)
      list.add(name, {});
    else if (scalar != nullptr)
      list.items.push_back(write_scalar(*scalar));
  });
  return scalars ? default_text(list) : "";
}

struct Filler {
  KeyDoc& doc;

  void operator()(const ScalarValue& value) const {
    constexpr DocKind kKinds[] = {DocKind::kFlag,   DocKind::kInteger, DocKind::kNumber,
                                  DocKind::kNumber, DocKind::kText,    DocKind::kWord};
    doc.kind = kKinds[value.index()];
    doc.type = scalar_type(value);
    doc.initial = default_text(write_scalar(value));
    if (const auto* choice = std::get_if<Choice*>(&value)) doc.words = (*choice)->words;
    if (const auto* integer = std::get_if<IntegerValue>(&value))
      doc.range = integer_range(*integer);
  }

  void operator()(const StructValue& value) const {
    doc.kind = DocKind::kStruct;
    doc.type = "mapping";
    fill_struct(doc, value);
  }

  void operator()(const OneOfValue& value) const {
    doc.kind = DocKind::kOneOf;
    doc.type = "mapping with a type";
    std::vector<size_t> order = {value.held()};
    for (size_t n = 0; n < value.names.size(); ++n) {
      if (n != value.held()) order.push_back(n);
    }
    for (const auto n : order) {
      doc.words.push_back(value.names[n]);
      value.example(n, [&](StructValue& config) {
        auto& alternative = doc.keys.emplace_back();
        alternative.path = doc.path;
        fill_struct(alternative, config);
      });
    }
    doc.initial = doc.words.front();
  }

  void operator()(const SequenceValue& value) const {
    doc.kind = value.named ? DocKind::kTable : DocKind::kList;
    doc.initial = list_text(value);
    value.example([&](Value& item) { doc.keys.push_back(item_doc(doc, item)); });
    const auto& item = doc.keys.front();
    doc.type = (value.named ? "by name, each " : "list of ") + item.type;
  }

  void operator()(const OptionalValue& value) const {
    const auto& show = value.given() ? value.use : value.example;
    show([&](Value& inner) { std::visit(*this, inner); });
    doc.optional = true;
    if (!value.given()) doc.initial = "null";
  }
};

void fill(KeyDoc& doc, Value& value) {
  std::visit(Filler{doc}, value);
}

}  // namespace

std::string KeyDoc::name() const {
  return path.substr(path.rfind('.') + 1);
}

KeyDoc document_struct(const StructValue& config) {
  KeyDoc root;
  root.type = "mapping";
  fill_struct(root, config);
  return root;
}

}  // namespace reka
