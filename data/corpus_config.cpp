#include "data/corpus_config.h"

#include <algorithm>
#include <optional>
#include <variant>

namespace reka::data {

PrepareConfig CorpusConfig::preparation() const {
  const auto needs = [](const auto& rule) {
    return rule.second.enabled && needs_decoded_media(rule.second.signal);
  };
  auto done = prepare;
  done.measure_media = prepare.measure_media || !decontaminate.media_sets.empty() ||
                       std::holds_alternative<MediaDuplicateConfig>(media_duplicates) ||
                       std::ranges::any_of(rules, needs);
  return done;
}

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

std::string CorpusConfig::unknown_source(const std::vector<std::string>& names) const {
  for (const auto& name : names) {
    const auto is_named = [&](const auto& source) { return source.first == name; };
    if (std::ranges::none_of(sources, is_named)) return name;
  }
  return "";
}

}  // namespace reka::data
