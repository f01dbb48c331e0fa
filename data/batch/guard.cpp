#include "data/batch/guard.h"

#include <algorithm>
#include <span>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "data/corpus/cluster_report.h"
#include "data/media/one_thread.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"

namespace reka::data {
namespace {

constexpr const char* kKey = "data.guard";
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
    : likeness_(config.media),
      index_(config, root, kKey),
      media_(config, root, std::max(1U, std::thread::hardware_concurrency()), kKey),
      tokenizer_(std::move(tokenizer)) {}

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
  auto found = search_text(sample);
  return found ? found : search_media(sample);
}

std::optional<std::string> Guard::search_text(const SampleView& sample) const {
  if (index_.sets().empty()) return std::nullopt;
  auto shingler = index_.make_shingler();
  const auto match = index_.find(text_of(sample, *tokenizer_), shingler);
  if (!match) return std::nullopt;
  return fmt::format("{}: item {}: {} words: {}", index_.sets()[match->set].name, match->item,
                     match->words, shortened(match->text, kShownCharacters));
}

std::optional<std::string> Guard::search_media(const SampleView& sample) const {
  if (media_.sets().empty()) return std::nullopt;
  const OneThread one_thread;
  for (size_t n = 0; n < sample.media.size(); ++n) {
    const auto& medium = sample.media[n];
    RecognisedMedia known{xxh3_64(medium.bytes), {.modality = medium.modality}};
    try {
      known.fingerprint = fingerprint_of(medium, modality_name(medium.modality));
      forget_plain(known.fingerprint, likeness_);
    } catch (const DataError&) {
      // Known byte for byte alone; the loader tells of the damage.
    }
    if (const auto item = media_.find(known)) {
      return fmt::format("{}: item {}: medium {} of {}", media_.sets()[media_.item(*item).set].name,
                         media_.name_of(*item), n + 1, sample.media.size());
    }
  }
  return std::nullopt;
}

}  // namespace reka::data
