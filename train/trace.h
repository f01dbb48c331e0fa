#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch/quarantine.h"
#include "data/batch/stream.h"
#include "data/corpus/lineage.h"
#include "data/tokens/tokenizer.h"
#include "reka/base/json.h"
#include "train/curriculum.h"
#include "train/state.h"

namespace reka::train {

/// A document, or a piece of a long one, in a row of a step.
struct TracedDocument {
  int64_t step = 0;  // from 1, as in log.jsonl
  int64_t row = 0;   // of the step
  int64_t begin = 0;
  int64_t tokens = 0;  // in the row, media at their full length
  std::string source, document, language;
  int64_t piece = 0;       // which piece of the document, from 0
  uint64_t sample_id = 0;  // hash of the content
  data::Origin origin;
  std::string stands_in;  // for the document that is damaged; else empty
  std::string masked;     // what the guard found in it; else empty
  std::optional<std::vector<data::PassedRule>> rules;  // that it passed; none: not known

  Json to_json() const;
};

/// What the steps of a run train on, computed from its config, its shards and, where its mixture
/// was changed on the way, its checkpoints and what is kept of those that it went on from
/// (kResumedFolder): no log is read and no sample.
class Trace {
 public:
  /// Throws ConfigError, DataError, CheckpointError.
  explicit Trace(std::filesystem::path run);

  /// What stands in the rows of a step, in order. Throws DataError for a step of which neither
  /// config nor checkpoints tell.
  std::vector<TracedDocument> step(int64_t step);
  /// Where a document ("id" or "source/id") was used in the steps up to the newest checkpoint's;
  /// warns of those of which nothing tells.
  std::vector<TracedDocument> uses(std::string_view document);
  /// As the checkpoint's order hash, over the steps up to the newest checkpoint's.
  uint64_t order_hash();
  /// The newest checkpoint's; its step is 0 where there is none.
  const TrainState& newest() const { return newest_; }

 private:
  struct Settings {
    std::string origin;
    RunConfig config;
    std::vector<Stage> stages;
  };
  /// Consecutive steps [begin, end), counted from 0, of one plan: the first of them begins at
  /// `first_row`.
  struct Part {
    const Settings* settings = nullptr;
    size_t stage = 0;
    int64_t begin = 0;
    int64_t end = 0;
    int64_t first_row = 0;
    std::shared_ptr<data::RowStream> stream;

    const Stage& of() const { return settings->stages[stage]; }
  };

  const Settings* load_settings(const std::filesystem::path& file);
  std::shared_ptr<data::RowStream> open(const Settings& settings, size_t stage) const;
  std::vector<Part> walk(const Settings& settings, int64_t begin, const data::LoaderState& state,
                         int64_t end) const;
  void add_parts(const TrainState& state, const Settings& settings);
  const Part& part_of(int64_t step);
  std::vector<TracedDocument> row(const Part& part, int64_t step, int64_t row) const;
  /// The same with what became of the documents: masked, alike, rules.
  std::vector<TracedDocument> told_row(const Part& part, int64_t step, int64_t row);
  void read_masked();
  const std::optional<data::Lineage>& lineage_of(const std::filesystem::path& folder);

  std::filesystem::path run_;
  std::vector<std::unique_ptr<Settings>> settings_;
  std::shared_ptr<const data::Tokenizer> tokenizer_;
  data::Quarantine quarantine_;
  struct Masked {
    int64_t step = 0;  // in which it was met first
    std::string finding;
  };

  std::map<std::string, Masked> masked_;                                    // by source/document
  std::map<std::filesystem::path, std::optional<data::Lineage>> lineages_;  // of folders
  TrainState newest_;
  std::vector<Part> parts_;  // by step
};

}  // namespace reka::train
