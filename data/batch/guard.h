#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "data/corpus/evaluation_index.h"
#include "data/corpus/evaluation_media.h"
#include "data/shards/sample.h"
#include "data/tokens/tokenizer.h"

namespace reka::data {

/// Keeps evaluation sets out of training that were not known when the shards were built: a sample
/// whose text has words of them, or that has media of them, as decontamination finds both, stands
/// in its row without a target. The rows stay as they are, so that a set can be added between two
/// resumes.
class Guard {
 public:
  /// Reads the sets below `root`. Throws DataError as EvaluationIndex and EvaluationMedia do.
  Guard(const DecontaminationConfig& config, const std::filesystem::path& root,
        std::shared_ptr<const Tokenizer> tokenizer);

  /// What of which set stands in it: "humaneval: item 3: 14 words: def has close elements ...",
  /// "exams: item exams/4.png: medium 1 of 2"; nullopt: nothing. From any thread.
  std::optional<std::string> find(const SampleView& sample) const;

 private:
  std::optional<std::string> search(const SampleView& sample) const;
  std::optional<std::string> search_text(const SampleView& sample) const;
  std::optional<std::string> search_media(const SampleView& sample) const;

  LikenessConfig likeness_;
  EvaluationIndex index_;
  EvaluationMedia media_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  mutable std::mutex mutex_;
  // By sample: a long one is asked for with each of its pieces.
  mutable std::unordered_map<uint64_t, std::optional<std::string>> known_;
};

/// The text of a sample, a line for each run of tokens that are no specials.
std::string text_of(const SampleView& sample, const Tokenizer& tokenizer);

}  // namespace reka::data
