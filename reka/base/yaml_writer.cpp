#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "reka/base/yaml.h"

namespace reka {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kPlain = "_-./+ ";  // with letters and digits, safe without quotes
constexpr size_t kCommentColumn = 44;

bool is_number(const std::string& text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return end == text.data() + text.size() || code == std::errc::result_out_of_range;
}

/// Whether the text means itself without quotes, for every reader of YAML.
bool is_plain(const std::string& text) {
  constexpr std::string_view kWords[] = {"null", "true", "false", "yes", "no", "on", "off"};
  std::string lower;
  for (const char c : text) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && kPlain.find(c) == kPlain.npos) return false;
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) &&
         text.back() != ' ' &&
         std::find(std::begin(kWords), std::end(kWords), lower) == std::end(kWords);
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (size_t n = 0; n < text.size(); ++n) {
    const auto c = static_cast<unsigned char>(text[n]);
    if (c == '"' || c == '\\')
      result += fmt::format("\\{}", text[n]);
    else if (c == '\n')
      result += "\\n";
    else if (c == '\t')
      result += "\\t";
    else if (c < 0x20 || c == 0x7f)
      result += fmt::format("\\x{:02x}", c);
    else if (text.compare(n, 2, "${") == 0)
      result += "$$";
    else
      result += text[n];
  }
  return result + "\"";
}

/// Text is written with quotes where it could be taken for something else.
std::string scalar_text(const YamlNode& node) {
  if (node.is(Kind::kNull)) return "null";
  const bool literal =
      !node.quoted && (is_number(node.text) || node.text == "true" || node.text == "false");
  return literal || is_plain(node.text) ? node.text : quoted(node.text);
}

bool is_inline(const YamlNode& node) {
  if (node.items.empty()) return true;
  return node.is(Kind::kList) && std::all_of(node.items.begin(), node.items.end(), is_inline);
}

std::string inline_text(const YamlNode& node) {
  if (!node.is(Kind::kList)) return node.is(Kind::kMapping) ? "{}" : scalar_text(node);
  std::string text = "[";
  for (const auto& item : node.items) text += (text.size() > 1 ? ", " : "") + inline_text(item);
  return text + "]";
}

class Writer {
 public:
  explicit Writer(bool with_origins) : with_origins_(with_origins) {}

  std::string text;

  /// The values of a mapping or list, each on lines of its own; the first line of all follows
  /// `first` ("- " of a list item), the others as many spaces.
  void write_items(const YamlNode& node, const std::string& first, const std::string& indent) {
    for (size_t n = 0; n < node.items.size(); ++n) {
      const auto& start = n == 0 ? first : indent;
      const auto& item = node.items[n];
      if (node.is(Kind::kList))
        write_value(item, start + "-", indent + "  ", start + "- ");
      else
        write_value(item, start + key_text(node.keys[n]) + ":", indent + "  ", "");
    }
  }

  void write_line(std::string line, const YamlNode& node) {
    if (with_origins_) {
      line.resize(std::max(line.size() + 2, kCommentColumn), ' ');
      line += "# " + node.origin.text();
    }
    text += line + "\n";
  }

 private:
  static std::string key_text(const std::string& key) { return is_plain(key) ? key : quoted(key); }

  void write_value(const YamlNode& node, const std::string& head, const std::string& indent,
                   const std::string& item_head) {
    if (is_inline(node)) return write_line(head + " " + inline_text(node), node);
    if (!item_head.empty()) return write_items(node, item_head, indent);
    text += head + "\n";
    write_items(node, indent, indent);
  }

  bool with_origins_;
};

}  // namespace

std::string write_yaml(const YamlNode& root, bool with_origins) {
  Writer writer(with_origins);
  if (is_inline(root))
    writer.write_line(inline_text(root), root);
  else
    writer.write_items(root, "", "");
  return std::move(writer.text);
}

}  // namespace reka
