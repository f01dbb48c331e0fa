#include "data/corpus/document.h"

#include "data/corpus/normalize.h"

namespace reka::data {

std::string_view without_place(std::string_view finding, std::string_view place) {
  const bool has_place =
      finding.starts_with(place) && finding.substr(place.size()).starts_with(": ");
  return has_place ? finding.substr(place.size() + 2) : finding;
}

std::string text_of(const Document& document) {
  std::string text;
  for (const auto& part : document.parts) {
    if (part.kind != Part::Kind::kText) continue;
    if (!text.empty()) text += '\n';
    text += part.text;
  }
  return text;
}

int64_t count_text_characters(const Document& document) {
  int64_t characters = 0;
  for (const auto& part : document.parts) {
    if (part.kind == Part::Kind::kText) characters += count_characters(part.text);
  }
  return characters;
}

}  // namespace reka::data
