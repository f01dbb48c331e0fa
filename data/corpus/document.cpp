#include "data/corpus/document.h"

namespace reka::data {

std::string text_of(const Document& document) {
  std::string text;
  for (const auto& part : document.parts) {
    if (part.kind != Part::Kind::kText) continue;
    if (!text.empty()) text += '\n';
    text += part.text;
  }
  return text;
}

}  // namespace reka::data
