#include "data/corpus_config.h"

#include <algorithm>
#include <optional>
#include <variant>

namespace reka::data {

bool CorpusConfig::emoji_splits_agree() const {
  std::optional<SplitConfig> seen;
  for (const auto& [name, source] : sources) {
    std::optional<SplitConfig> split;
    if (const auto* emoji = std::get_if<EmojiConfig>(&source.reader)) split = emoji->split;
    if (const auto* clips = std::get_if<EmojiVideoConfig>(&source.reader)) split = clips->split;
    if (split && seen && *split != *seen) return false;
    if (split) seen = split;
  }
  return true;
}

bool CorpusConfig::has_sources(const std::vector<std::string>& names) const {
  return std::ranges::all_of(names, [this](const auto& name) {
    return std::ranges::any_of(sources, [&](const auto& source) { return source.first == name; });
  });
}

}  // namespace reka::data
