#include "train/feed.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "data/media/load.h"
#include "data/shards/manifest.h"
#include "reka/base/error.h"
#include "reka/base/log.h"
#include "reka/model/layout.h"

namespace reka::train {
namespace {

constexpr size_t kNamedRefused = 5;

}  // namespace

data::MediaRules media_rules(const ModelConfig& config) {
  return {.id = layout_rule(config),
          .length =
              [config](Modality modality, const Geometry& geometry) {
                return media_layout(config, modality, geometry);
              },
          .decode = [input = config.input](
                        const data::SampleMedia& media) { return data::load_media(media, input); }};
}

std::vector<data::LoaderSource> mixture(const std::string& shards,
                                        const Table<MixtureSource>& changes, data::Split split) {
  std::vector<data::LoaderSource> sources;
  std::vector<std::string> known;
  const auto main = data::Manifest::load(shards);
  for (const auto& source : main.sources) {
    sources.push_back({source.name, shards, source.weight});
    known.push_back(source.name);
  }
  for (const auto& [name, change] : changes) {
    auto found = std::find_if(sources.begin(), sources.end(),
                              [&name = name](const auto& source) { return source.name == name; });
    if (found == sources.end() && change.shards.empty()) {
      throw ConfigError("data.sources.{}: must be one of {} ({}), or say its shards", name,
                        fmt::join(known, ", "), shards);
    }
    if (found == sources.end()) found = sources.insert(found, {name, change.shards, 1});
    if (!change.shards.empty()) found->folder = change.shards;
    if (change.weight) found->weight = *change.weight;
  }
  std::erase_if(sources, [&](const data::LoaderSource& source) {
    const auto manifest = source.folder == shards ? main : data::Manifest::load(source.folder);
    return source.weight == 0 || manifest.counts(source.name, split).samples == 0;
  });
  return sources;
}

Feed::Feed(const RunConfig& config, std::vector<Stage> stages,
           std::shared_ptr<const data::Tokenizer> tokenizer, const data::LoaderRank& rank)
    : config_(config),
      stages_(std::move(stages)),
      tokenizer_(std::move(tokenizer)),
      media_(media_rules(config.model)),
      rank_(rank) {}

const Stage& Feed::enter(int64_t step, const data::LoaderState& state) {
  const auto index = stage_of(stages_, step);
  const auto& stage = stages_[index];
  if (loader_ && index == stage_) return stage;
  const auto before = loader_ ? loader_->state() : state;
  if (loader_) waited_before_ += loader_->seconds_waited();
  const bool first = !loader_;
  const data::LoaderConfig config = {.row_tokens = stage.sequence_length,
                                     .rows = stage.micro_rows,
                                     .seed = static_cast<uint64_t>(config_.run.seed),
                                     .objective = stage.objective,
                                     .threads = config_.data.threads,
                                     .prefetch = config_.data.prefetch,
                                     .max_quarantined = config_.data.max_quarantined};
  const auto sources = mixture(config_.data.shards, stage.sources, data::Split::kTrain);
  if (sources.empty()) {
    throw ConfigError("data.sources: none of {} has a weight and samples to train on: must be one",
                      config_.data.shards);
  }
  loader_ = std::make_unique<data::Loader>(config, sources, tokenizer_, media_, rank_);
  tell_refused(stage.sequence_length);
  if (step > 0 && !loader_->restore(before) && first && step != stage.begin) {
    info(
        "data: the mixture, rows or seed are not those of the checkpoint: each source goes on "
        "behind what was seen of it");
  }
  stage_ = index;
  return stage;
}

/// Records that a row cannot hold and that must not be cut are left out; never silently.
void Feed::tell_refused(int64_t row_tokens) const {
  const auto report = loader_->report();
  if (report.num_refused == 0 || rank_.rank > 0) return;
  std::vector<std::string> names;
  for (const auto& [source, finding] : report.refused) {
    if (names.size() < kNamedRefused) names.push_back(fmt::format("{}/{}", source, finding));
  }
  warn("{}: {} samples are longer than a row: left out, must be at most {} tokens: {}{}",
       config_.data.shards, report.num_refused, row_tokens, fmt::join(names, ", "),
       report.num_refused > std::ssize(names) ? ", ..." : "");
}

double Feed::seconds_waited() const {
  return waited_before_ + loader_->seconds_waited();
}

}  // namespace reka::train
