#include "eval/showcase.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <set>

#include "data/shards/reader.h"
#include "eval/report.h"
#include "reka/base/error.h"
#include "reka/base/log.h"

namespace reka::eval {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kPromptTokens = 24;
constexpr int64_t kAnswerTokens = 16;

Modality modality_of(const data::Sample& sample) {
  return sample.media.empty() ? Modality::kText : sample.media.front().modality;
}

/// The samples of one modality in one shard.
struct Shelf {
  std::shared_ptr<const data::ShardReader> shard;
  std::vector<size_t> samples;

  /// The n-th of `count`, spread evenly.
  data::Sample pick(size_t n, size_t count) const {
    return shard->copy(samples[(2 * n + 1) * samples.size() / (2 * count)]);
  }
};

using Shelves = std::array<std::vector<Shelf>, kModalityNames.size()>;

/// Texts must be long enough to have a beginning and an end.
bool can_be_shown(const data::ShardReader& shard, size_t sample) {
  if (shard.targets(sample).empty()) return false;
  const bool given = shard.targets(sample).front().begin > 0;
  return given || shard.num_tokens(sample) > kPromptTokens + kAnswerTokens;
}

void add_shelves(const std::shared_ptr<const data::ShardReader>& shard, Shelves& shelves) {
  std::array<Shelf, kModalityNames.size()> found;
  for (size_t i = 0; i < shard->size(); ++i) {
    if (!can_be_shown(*shard, i)) continue;
    const auto media = shard->media(i);
    found[media.empty() ? 0 : media.front().modality].samples.push_back(i);
  }
  for (size_t modality = 0; modality < found.size(); ++modality) {
    if (found[modality].samples.empty()) continue;
    found[modality].shard = shard;
    shelves[modality].push_back(std::move(found[modality]));
  }
}

Shelves fill_shelves(const std::filesystem::path& shards) {
  Shelves shelves;
  std::set<std::string> seen;
  const auto manifest = data::Manifest::load(shards);
  for (size_t i = 0; i < manifest.shards.size(); ++i) {
    const auto& info = manifest.shards[i];
    if (info.split != data::Split::kDev || !seen.insert(info.source).second) continue;
    add_shelves(data::open_shard(shards, manifest, i, data::ShardPart::kAll), shelves);
  }
  return shelves;
}

}  // namespace

Showcase::Showcase(const std::filesystem::path& shards, int64_t samples) {
  const auto shelves = fill_shelves(shards);
  for (size_t n = 0; n < static_cast<size_t>(samples); ++n) {
    for (const auto& sources : shelves) {
      if (sources.empty()) continue;
      const auto& shelf = sources[n % sources.size()];
      const auto rounds = (static_cast<size_t>(samples) - 1) / sources.size() + 1;
      const auto round = n / sources.size();
      if (round < shelf.samples.size()) samples_.push_back(shelf.pick(round, rounds));
    }
  }
}

std::vector<Figure> Showcase::figures(const Subject& subject, double seconds) const {
  AnswersConfig config;
  config.prompt_tokens = kPromptTokens;
  config.max_tokens = kAnswerTokens;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  std::array<std::vector<Figure>, kModalityNames.size()> by_modality;
  for (const auto& sample : samples_) {
    const auto modality = modality_of(sample);
    if (Clock::now() > end) break;
    if (!subject.model->config().takes(modality)) continue;
    try {
      const auto answer =
          answer_sample(sample, config, subject, [&](int64_t) { return Clock::now() < end; });
      auto figure = answer_figure(answer, sample);
      figure.caption = sample.source + (sample.language.empty() ? "" : ", " + sample.language);
      by_modality[static_cast<size_t>(modality)].push_back(std::move(figure));
    } catch (const DataError& error) {
      warn("{}: not shown", error.what());
    }
  }
  std::vector<Figure> figures;
  for (const auto modality :
       {Modality::kImage, Modality::kAudio, Modality::kVideo, Modality::kText}) {
    auto& found = by_modality[static_cast<size_t>(modality)];
    std::move(found.begin(), found.end(), std::back_inserter(figures));
  }
  return figures;
}

}  // namespace reka::eval
