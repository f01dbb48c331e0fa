#include "data/corpus/html.h"

#include <array>
#include <memory>
#include <utility>

#include <gumbo.h>

#include "data/corpus/blocks.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

// Gumbo frees its tree by recursion: the depth is bounded by the tags that are never closed.
constexpr int64_t kMaxOpenTags = 20'000;

enum class Role { kInline, kBlock, kPreformatted, kDropped };

// clang-format off
Role role_of(const GumboElement& element) {
  switch (element.tag) {
    case GUMBO_TAG_SCRIPT: case GUMBO_TAG_STYLE: case GUMBO_TAG_NOSCRIPT: case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_NAV: case GUMBO_TAG_HEADER: case GUMBO_TAG_FOOTER: case GUMBO_TAG_ASIDE:
    case GUMBO_TAG_BUTTON: case GUMBO_TAG_SELECT: case GUMBO_TAG_TEXTAREA: case GUMBO_TAG_IFRAME:
    case GUMBO_TAG_OBJECT: case GUMBO_TAG_SVG: case GUMBO_TAG_MATH:
      return Role::kDropped;
    case GUMBO_TAG_PRE: case GUMBO_TAG_LISTING: case GUMBO_TAG_XMP:
      return Role::kPreformatted;
    case GUMBO_TAG_TITLE: case GUMBO_TAG_BODY: case GUMBO_TAG_DIV: case GUMBO_TAG_P:
    case GUMBO_TAG_H1: case GUMBO_TAG_H2: case GUMBO_TAG_H3: case GUMBO_TAG_H4: case GUMBO_TAG_H5:
    case GUMBO_TAG_H6: case GUMBO_TAG_UL: case GUMBO_TAG_OL: case GUMBO_TAG_LI: case GUMBO_TAG_DL:
    case GUMBO_TAG_DT: case GUMBO_TAG_DD: case GUMBO_TAG_TABLE: case GUMBO_TAG_CAPTION:
    case GUMBO_TAG_TR: case GUMBO_TAG_TD: case GUMBO_TAG_TH: case GUMBO_TAG_SECTION:
    case GUMBO_TAG_ARTICLE: case GUMBO_TAG_MAIN: case GUMBO_TAG_BLOCKQUOTE: case GUMBO_TAG_FIGURE:
    case GUMBO_TAG_FIGCAPTION: case GUMBO_TAG_DETAILS: case GUMBO_TAG_SUMMARY:
    case GUMBO_TAG_ADDRESS: case GUMBO_TAG_FORM: case GUMBO_TAG_FIELDSET: case GUMBO_TAG_HR:
    case GUMBO_TAG_BR: case GUMBO_TAG_OPTION: case GUMBO_TAG_CENTER:
      return Role::kBlock;
    default:
      return Role::kInline;
  }
}
// clang-format on

// DocBook and others mark their bars of links by a class such as "navheader".
bool is_navigation(const GumboElement& element) {
  const auto* name = gumbo_get_attribute(&element.attributes, "class");
  return name != nullptr && std::string_view(name->value).starts_with("nav");
}

void check_depth(std::string_view page) {
  int64_t open = 0;
  for (auto at = page.find('<'); at != page.npos; at = page.find('<', at + 1)) {
    if (at + 1 == page.size()) break;
    const char next = page[at + 1];
    if (next == '/') {
      --open;
    } else if ((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z')) {
      ++open;
    }
    if (open > kMaxOpenTags) throw DataError("more than {} tags that stay open", kMaxOpenTags);
  }
}

// Depth first without recursion: a step enters or leaves a node.
void collect(const GumboNode* root, Blocks& blocks) {
  struct Step {
    const GumboNode* node;
    bool leaves;
    bool preformatted;
  };
  std::vector<Step> steps = {{root, false, false}};
  while (!steps.empty()) {
    const auto [node, leaves, preformatted] = steps.back();
    steps.pop_back();
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
        node->type == GUMBO_NODE_CDATA) {
      preformatted ? blocks.add_preformatted(node->v.text.text) : blocks.add(node->v.text.text);
    }
    if (node->type != GUMBO_NODE_ELEMENT) continue;
    const auto& element = node->v.element;
    const auto role = role_of(element);
    if (role == Role::kDropped || is_navigation(element)) continue;
    const bool keeps_lines = preformatted || role == Role::kPreformatted;
    if (role != Role::kInline && !preformatted) blocks.close();
    if (leaves) continue;
    steps.push_back({node, true, preformatted});
    for (auto n = element.children.length; n > 0; --n) {
      steps.push_back(
          {static_cast<const GumboNode*>(element.children.data[n - 1]), false, keeps_lines});
    }
  }
}

}  // namespace

std::vector<std::string> html_blocks(std::string_view page) {
  check_depth(page);
  const auto free = [](GumboOutput* output) {
    gumbo_destroy_output(&kGumboDefaultOptions, output);
  };
  const std::unique_ptr<GumboOutput, decltype(free)> output(
      gumbo_parse_with_options(&kGumboDefaultOptions, page.data(), page.size()), free);
  if (output == nullptr) throw DataError("not HTML");
  Blocks blocks;
  collect(output->root, blocks);
  return blocks.take();
}

}  // namespace reka::data
