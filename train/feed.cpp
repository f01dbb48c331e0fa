#include "train/feed.h"

#include <algorithm>
#include <limits>
#include <set>

#include <c10/util/Exception.h>
#include <fmt/ranges.h>

#include "data/corpus/packages.h"
#include "data/media/rules.h"
#include "data/shards/manifest.h"
#include "reka/base/error.h"
#include "reka/base/log.h"
#include "reka/base/yaml.h"

namespace reka::train {
namespace {

constexpr size_t kNamedRefused = 5;

}  // namespace

void use_local_shards(RunConfig& config) {
  const auto& cache = config.data.cache;
  const auto replace = [&](std::string& place) {
    if (data::is_url(place)) place = data::local_folder(place, cache).string();
  };
  replace(config.data.shards);
  for (auto& source : config.data.sources) replace(source.second.shards);
  for (auto& stage : config.stages) {
    for (auto& source : stage.second.sources) replace(source.second.shards);
  }
}

void expect_known_sources(const Resolved<RunConfig>& resolved) {
  const auto& config = resolved.config;
  std::vector<std::string> here, known;
  for (const auto& source : data::Manifest::load(config.data.shards).sources) {
    here.push_back(source.name);
  }
  known = here;
  const auto expect = [&](const Table<MixtureSource>& changes, const std::string& table) {
    auto with_own = known;
    for (const auto& [name, change] : changes) {
      if (!change.shards.empty()) {
        if (data::Manifest::load(change.shards).find_source(name) < 0)
          throw ConfigError("{}: {} has no such source: must have it",
                            placed(resolved.tree, join_key(table, name)), change.shards);
        with_own.push_back(name);
      } else if (std::ranges::find(known, name) == known.end()) {
        throw ConfigError("{}: must be one of {} ({}), or say its shards",
                          placed(resolved.tree, join_key(table, name)), fmt::join(here, ", "),
                          config.data.shards);
      }
    }
    return with_own;
  };
  known = expect(config.data.sources, "data.sources");  // stages know these too
  for (const auto& [name, stage] : config.stages) {
    expect(stage.sources, "stages." + name + ".sources");
  }
}

std::vector<data::LoaderSource> mixture(const std::string& shards,
                                        const Table<MixtureSource>& changes, data::Split split) {
  std::vector<data::LoaderSource> sources;
  const auto main = data::Manifest::load(shards);
  for (const auto& source : main.sources) sources.push_back({source.name, shards, source.weight});
  for (const auto& [name, change] : changes) {
    auto found = std::find_if(sources.begin(), sources.end(),
                              [&name = name](const auto& source) { return source.name == name; });
    TORCH_CHECK(found != sources.end() || !change.shards.empty(), "mixture: no source ", name);
    if (found == sources.end()) {
      const auto added = data::Manifest::load(change.shards);
      const auto source = static_cast<size_t>(added.find_source(name));
      found = sources.insert(found, {name, change.shards, added.sources.at(source).weight});
    }
    if (!change.shards.empty()) found->folder = change.shards;
    if (change.weight) found->weight = *change.weight;
    if (change.repeat) found->repeat = *change.repeat;
  }
  std::erase_if(sources, [&](const data::LoaderSource& source) {
    const auto manifest = source.folder == shards ? main : data::Manifest::load(source.folder);
    return source.weight == 0 || manifest.counts(source.name, split).samples == 0;
  });
  return sources;
}

std::vector<data::LoaderSource> all_sources(const RunConfig& config,
                                            const std::vector<Stage>& stages, data::Split split) {
  std::vector<data::LoaderSource> all;
  for (const auto& stage : stages) {
    for (auto& source : mixture(config.data.shards, stage.sources, split)) {
      const bool known = std::any_of(all.begin(), all.end(), [&](const auto& other) {
        return other.name == source.name && other.folder == source.folder;
      });
      if (!known) all.push_back(std::move(source));
    }
  }
  return all;
}

Feed::Feed(const RunConfig& config, std::vector<Stage> stages,
           std::shared_ptr<const data::Tokenizer> tokenizer, const data::LoaderRank& rank)
    : config_(config),
      stages_(std::move(stages)),
      tokenizer_(std::move(tokenizer)),
      media_(data::media_rules(config.model)),
      rank_(rank) {
  if (config.data.guard.has_sets()) {
    guard_ = std::make_shared<const data::Guard>(config.data.guard, data::packages_folder(""),
                                                 tokenizer_);
  }
  for (const auto& stage : stages_) {
    sources_.push_back(mixture(config_.data.shards, stage.sources, data::Split::kTrain));
    if (!sources_.back().empty()) continue;
    throw ConfigError("data.sources: none of {} has a weight and samples for stage {}: must be one",
                      config_.data.shards, stage.name);
  }
  list_languages(all_sources(config_, stages_, data::Split::kTrain));
}

void Feed::list_languages(const std::vector<data::LoaderSource>& sources) {
  std::set<std::filesystem::path> folders;
  for (const auto& source : sources) {
    if (!folders.insert(source.folder).second) continue;
    const auto manifest = data::Manifest::load(source.folder);
    manifest.expect_tokenizer(tokenizer_->fingerprint(), source.folder);
    for (const auto& language : manifest.languages) {
      if (std::ranges::find(languages_, language) == languages_.end()) {
        languages_.push_back(language);
      }
    }
  }
}

const Stage& Feed::enter(int64_t step, const data::LoaderState& state) {
  const auto index = stage_of(stages_, step);
  const auto& stage = stages_[index];
  if (loader_ && index == stage_) return stage;
  const auto before = loader_ ? loader_->state() : state;
  const bool first = !loader_;
  if (loader_) {
    waited_before_ += loader_->seconds_waited();
    left_out_before_ = report();
  }
  open_loader(index);
  if (first) expect_rows_after(index);
  tell_refused(stage.sequence_length);
  if (step > 0 && !loader_->restore(before)) {
    if (first && step != stage.begin) {
      info(
          "data: the mixture, rows or seed are not those of the checkpoint: each source goes on "
          "behind what was seen of it");
    }
    for (const auto& line : loader_->changes(before)) info("data: {}", line);
  }
  expect_enough_rows(stage, step);
  exhausted_ = loader_->exhausted().size();
  stage_ = index;
  return stage;
}

std::unique_ptr<data::Loader> Feed::make_loader(size_t index, int64_t threads) const {
  const auto& stage = stages_[index];
  const data::LoaderConfig config = {
      .row_tokens = stage.sequence_length,
      .rows = stage.micro_rows,
      .step_rows = stage.rows,
      .seed = static_cast<uint64_t>(config_.run.seed),
      .objective = stage.objective,
      .threads = threads,
      .prefetch = config_.data.prefetch,
      .max_quarantined = std::numeric_limits<int64_t>::max(),
      .cluster_repeats = data::ClusterRepeats(config_.data.cluster_repeats),
      .guard = guard_};
  return std::make_unique<data::Loader>(config, sources_[index], tokenizer_, media_, rank_);
}

/// Sources that may not be repeated for ever must last to the end of the stage.
void Feed::expect_enough_rows(const Stage& stage, int64_t step) const {
  const auto left = loader_->rows_left();
  const auto wanted = (stage.end - step) * stage.rows;
  if (!left || *left >= wanted) return;
  throw DataError(
      "data.sources: stage {} wants {} rows from step {} on, its sources have {} within their "
      "repeat: expected fewer steps, more data or a larger repeat",
      stage.name, wanted, step, *left);
}

/// The counts are kept beside the shards, so that the stage itself finds them.
void Feed::expect_rows_after(size_t index) const {
  for (auto later = index + 1; later < stages_.size(); ++later) {
    try {
      make_loader(later, /*threads=*/0);
    } catch (const DataError& error) {
      throw DataError("stages.{}: {}", stages_[later].name, error.what());
    }
  }
}

void Feed::open_loader(size_t index) {
  loader_ = make_loader(index, config_.data.threads);
  language_of_.clear();
  for (const auto& language : loader_->language_names()) {
    const auto found = std::ranges::find(languages_, language);
    language_of_.push_back(static_cast<int32_t>(found - languages_.begin()));
  }
}

Batch Feed::next() {
  auto batch = loader_->next();
  const auto names = loader_->exhausted();
  for (; exhausted_ < names.size(); ++exhausted_) {
    info("data: {}: was repeated as often as it may be: it leaves the mixture", names[exhausted_]);
  }
  for (auto& document : batch.documents) {
    if (document.language >= 0) {
      document.language = language_of_.at(static_cast<size_t>(document.language));
    }
  }
  return batch;
}

data::BatchFindings::Found Feed::share_found(Group& group, int64_t count) {
  if (count == 0) return {};
  const auto mine = loader_->take_found();
  Json json = {{"damaged", Json::array()}, {"masked", Json::array()}};
  for (const auto& sample : mine.damaged) json["damaged"].push_back(sample.to_json());
  for (const auto& sample : mine.masked) json["masked"].push_back(sample.to_json());
  data::BatchFindings::Found all;
  const auto add = [](auto& list, auto sample) {
    if (std::ranges::find(list, sample) == list.end()) list.push_back(std::move(sample));
  };
  for (const auto& text : group.gather_texts(json.dump())) {
    const auto found = parse_json(text, "findings");
    for (const auto& sample : found["damaged"])
      add(all.damaged, data::Quarantined::from_json(sample, "findings"));
    for (const auto& sample : found["masked"])
      add(all.masked, data::Refused::from_json(sample, "findings"));
  }
  loader_->add_quarantined(all.damaged);
  return all;
}

void Feed::expect_few_quarantined() const {
  const auto samples = loader_->state().quarantined;
  if (std::ssize(samples) <= config_.data.max_quarantined) return;
  throw DataError(
      "{}: {} samples are damaged, one of them {}: {}: expected at most {} (data.max_quarantined)",
      config_.data.shards, samples.size(), samples.back().name(), samples.back().finding,
      config_.data.max_quarantined);
}

data::LoaderReport Feed::report() const {
  auto report = loader_->report();
  const auto& before = left_out_before_;
  report.num_refused = std::max(report.num_refused, before.num_refused);
  report.refused.insert(report.refused.begin(), before.refused.begin(), before.refused.end());
  return report;
}

/// Records that a row cannot hold and that must not be cut are left out; never silently.
void Feed::tell_refused(int64_t row_tokens) const {
  const auto report = loader_->report();
  if (report.num_refused == 0 || rank_.rank > 0) return;
  std::vector<std::string> names;
  for (const auto& [source, finding] : report.refused) {
    if (names.size() < kNamedRefused) names.push_back(fmt::format("{}/{}", source, finding));
  }
  warn("{}: {} samples are left out: must fit in a row of {} tokens: {}{}", config_.data.shards,
       report.num_refused, row_tokens, fmt::join(names, ", "),
       report.num_refused > std::ssize(names) ? ", ..." : "");
}

double Feed::seconds_waited() const {
  return waited_before_ + loader_->seconds_waited();
}

}  // namespace reka::train
