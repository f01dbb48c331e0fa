#include "data/corpus/mallard.h"

#include <algorithm>
#include <array>

#include "data/corpus/blocks.h"
#include "data/corpus/xml.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

template <size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 17> kBlockElements = {
    "page", "section", "title", "subtitle", "p",  "item", "td", "tr",  "table",
    "list", "steps",   "terms", "tree",     "th", "note", "if", "when"};
constexpr std::array<std::string_view, 2> kPreformatted = {"screen", "code"};
constexpr std::array<std::string_view, 4> kDropped = {"info", "links", "comment", "media"};

// How a chain of menus or keys is shown.
std::string_view separator_in(std::string_view name) {
  if (name == "guiseq") return " ▸ ";
  return name == "keyseq" ? "+" : "";
}

void collect(const xmlNode* node, Blocks& blocks, bool preformatted);

void collect_children(const xmlNode* node, Blocks& blocks, bool preformatted) {
  const auto separator = separator_in(xml_name(node));
  bool follows = false;
  for (const auto* child = node->children; child != nullptr; child = child->next) {
    if (!separator.empty() && child->type != XML_ELEMENT_NODE) continue;
    if (!separator.empty() && follows) blocks.add(separator);
    follows = true;
    collect(child, blocks, preformatted);
  }
}

// Recursion is safe: libxml2 refuses documents deeper than 256 elements.
void collect(const xmlNode* node, Blocks& blocks, bool preformatted) {
  if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
    const std::string_view text = reinterpret_cast<const char*>(node->content);
    preformatted ? blocks.add_preformatted(text) : blocks.add(text);
  }
  if (node->type != XML_ELEMENT_NODE || is_one_of(xml_name(node), kDropped)) return;
  const auto name = xml_name(node);
  const auto parent = node->parent == nullptr ? std::string_view() : xml_name(node->parent);
  const bool is_inline_code = name == "code" && (parent == "p" || parent == "title");
  const bool keeps_lines = is_one_of(name, kPreformatted) && !is_inline_code;
  const bool is_block = keeps_lines || is_one_of(name, kBlockElements);
  if (is_block) blocks.close();
  collect_children(node, blocks, preformatted || keeps_lines);
  if (is_block) blocks.close();
}

}  // namespace

std::vector<std::string> mallard_blocks(std::string_view page) {
  const auto document = parse_xml(page);
  const auto* root = xmlDocGetRootElement(document.get());
  if (xml_name(root) != "page") {
    throw DataError("root element <{}>: not a Mallard page", xml_name(root));
  }
  Blocks blocks;
  collect(root, blocks, false);
  return blocks.take();
}

}  // namespace reka::data
