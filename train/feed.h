#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/batch/loader.h"
#include "data/tokens/tokenizer.h"
#include "reka/parallel/group.h"
#include "train/curriculum.h"

namespace reka::train {

/// Puts the folders of the cache in the place of URLs: shards of a server are read from there.
/// Throws DataError.
void use_local_shards(RunConfig& config);

/// Throws ConfigError naming place and key of a source that data.shards has not and that says no
/// shards of its own.
void expect_known_sources(const Resolved<RunConfig>& resolved);

/// The sources of a stage: all that data.shards holds for `split`, with the changes of the config.
std::vector<data::LoaderSource> mixture(const std::string& shards,
                                        const Table<MixtureSource>& changes, data::Split split);

/// The sources that any stage draws from, each once: for `split`, what the stages hold out
/// together.
std::vector<data::LoaderSource> all_sources(const RunConfig& config,
                                            const std::vector<Stage>& stages, data::Split split);

/// The rows of a run, stage after stage.
class Feed {
 public:
  /// Opens what all stages need but their samples, so that a fault of a late stage is found here.
  /// Throws ConfigError and DataError.
  Feed(const RunConfig& config, std::vector<Stage> stages,
       std::shared_ptr<const data::Tokenizer> tokenizer, const data::LoaderRank& rank);

  /// The stage of `step` (from 0). A new stage continues in each source where the one before
  /// stopped, and the first one called for where `state` says; at the first one the rows of those
  /// after it are counted. Throws DataError for a stage without rows.
  const Stage& enter(int64_t step, const data::LoaderState& state);

  Batch next();
  data::LoaderState state() const { return loader_->state(); }
  int64_t rows_given() const { return loader_->rows_given(); }
  /// Tells every rank what any of them found; called on all of them, with how many they are
  /// together. -> what is new, each once.
  data::BatchFindings::Found share_found(Group& group, int64_t count);
  /// Throws DataError when more samples are damaged than data.max_quarantined.
  void expect_few_quarantined() const;
  /// How the rows of the last step were dealt to the ranks.
  data::Deal deal() const { return loader_->deal(); }
  /// What was left out so far, in earlier stages too.
  data::LoaderReport report() const;
  double seconds_waited() const;
  /// Of DocumentInfo::language, the same list in all stages.
  const std::vector<std::string>& languages() const { return languages_; }

 private:
  void list_languages(const std::vector<data::LoaderSource>& sources);
  std::unique_ptr<data::Loader> make_loader(size_t stage, int64_t threads) const;
  void open_loader(size_t stage);
  void expect_enough_rows(const Stage& stage, int64_t step) const;
  void expect_rows_after(size_t stage) const;
  void tell_refused(int64_t row_tokens) const;

  const RunConfig& config_;
  std::vector<Stage> stages_;
  std::shared_ptr<const data::Tokenizer> tokenizer_;
  data::MediaRules media_;
  std::shared_ptr<const data::Guard> guard_;
  data::LoaderRank rank_;
  std::unique_ptr<data::Loader> loader_;
  std::vector<std::vector<data::LoaderSource>> sources_;  // of each stage
  std::vector<std::string> languages_;
  std::vector<int32_t> language_of_;    // the loader's index -> that in languages_
  data::LoaderReport left_out_before_;  // in earlier stages
  size_t stage_ = 0;
  size_t exhausted_ = 0;      // sources that are told of as such
  double waited_before_ = 0;  // by loaders of earlier stages
};

}  // namespace reka::train
