#include "data/corpus/language_tiers.h"

#include <algorithm>

namespace reka::data {

std::span<const LanguageTier> language_tiers() {
  static const std::vector<LanguageTier> tiers = {
      {"English", {"en"}},
      {"first", {"de", "zh", "ja", "fr", "ko", "es", "it", "ar", "hi"}},
      {"second", {"id", "vi", "th", "cs", "nl", "fi", "bg", "pt", "ta", "fa", "el", "ru"}},
      {"additional", {"tr", "te", "my", "sw", "ur", "et", "ms", "eu", "sv", "no"}}};
  return tiers;
}

const LanguageTier* tier_of(std::string_view tag) {
  const auto language = language_alone(tag);
  const auto tiers = language_tiers();
  const auto found = std::ranges::find_if(tiers, [&](const auto& tier) {
    return std::ranges::find(tier.languages, language) != tier.languages.end();
  });
  return found == tiers.end() ? nullptr : &*found;
}

std::string language_alone(std::string_view tag) {
  std::string language(tag.substr(0, tag.find_first_of("-_@")));
  return language == "nb" || language == "nn" ? "no" : language;
}

}  // namespace reka::data
