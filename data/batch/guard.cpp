#include "data/batch/guard.h"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "data/corpus/cluster_report.h"

namespace reka::data {
namespace {

constexpr size_t kKnownSamples = 4096;
constexpr size_t kShownCharacters = 300;

}  // namespace

std::string text_of(const SampleView& sample, const Tokenizer& tokenizer) {
  std::string text;
  const auto is_special = [&](int32_t id) { return tokenizer.is_special(id); };
  const auto end = sample.tokens.end();
  for (auto at = sample.tokens.begin(); at != end;) {
    const auto begin = std::find_if_not(at, end, is_special);
    at = std::find_if(begin, end, is_special);
    if (begin == at) break;
    if (!text.empty()) text += '\n';
    text += tokenizer.decode(std::span(begin, at));
  }
  return text;
}

Guard::Guard(const DecontaminationConfig& config, const std::filesystem::path& root,
             std::shared_ptr<const Tokenizer> tokenizer)
    : index_(config, root), tokenizer_(std::move(tokenizer)) {}

std::optional<std::string> Guard::find(const SampleView& sample) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = known_.find(sample.id); known != known_.end()) return known->second;
  }
  auto found = search(sample);
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kKnownSamples) known_.clear();
  return known_.emplace(sample.id, std::move(found)).first->second;
}

std::optional<std::string> Guard::search(const SampleView& sample) const {
  auto shingler = index_.make_shingler();
  const auto match = index_.find(text_of(sample, *tokenizer_), shingler);
  if (!match) return std::nullopt;
  return fmt::format("{}: item {}: {} words: {}", index_.sets()[match->set].name, match->item,
                     match->words, shortened(match->text, kShownCharacters));
}

}  // namespace reka::data
