#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reka::data {

/// Languages that the Reka report trains on with the same weight.
struct LanguageTier {
  std::string_view name;
  std::vector<std::string_view> languages;  // BCP 47, without script and region
};

/// The 32 languages of Ormazabal et al. 2024, arXiv:2404.12387, table 3 and English, which it does
/// not list; the first tier first.
std::span<const LanguageTier> language_tiers();

/// Its tier, or nullptr for a language of none.
const LanguageTier* tier_of(std::string_view tag);

/// The language of a tag alone: "zh-Hant" and "zh_TW" are "zh", both written forms of Norwegian
/// "no".
std::string language_alone(std::string_view tag);

}  // namespace reka::data
