#include "data/bench/read.h"

#include <algorithm>
#include <chrono>

#include "data/batch/loader.h"
#include "data/media/rules.h"
#include "data/shards/manifest.h"
#include "reka/base/error.h"
#include "reka/model/model.h"

namespace reka::data::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A model that takes all media, each picture as one tile of 224 pixels.
ModelConfig taking_all() {
  ModelConfig config;
  config.image.emplace();
  config.video.emplace();
  config.audio.emplace();
  config.input.image.tile_size = 224;
  return config;
}

void count(const Batch& batch, ReadResult& result) {
  result.rows += std::ssize(batch.rows);
  result.tokens += batch.input.tokens.numel() - batch.padding;
  for (const auto& document : batch.documents) result.documents += document.sample_id != 0;
  for (const auto& item : batch.input.media) {
    result.pictures += item.modality == Modality::kImage;
    result.clips += item.modality == Modality::kVideo;
    result.sounds += item.modality == Modality::kAudio;
  }
}

}  // namespace

Json ReadResult::json() const {
  return {{"bench", "read"},
          {"folder", setup.folder.string()},
          {"sources", setup.sources},
          {"row_tokens", setup.row_tokens},
          {"threads", setup.threads},
          {"open_seconds", open_seconds},
          {"seconds", seconds},
          {"rows", rows},
          {"tokens", tokens},
          {"documents", documents},
          {"rows_per_second", static_cast<double>(rows) / seconds},
          {"tokens_per_second", static_cast<double>(tokens) / seconds},
          {"documents_per_second", static_cast<double>(documents) / seconds},
          {"pictures_per_second", static_cast<double>(pictures) / seconds},
          {"clips_per_second", static_cast<double>(clips) / seconds},
          {"sounds_per_second", static_cast<double>(sounds) / seconds}};
}

ReadResult measure_reading(const ReadSetup& setup) {
  const auto manifest = Manifest::load(setup.folder);
  std::vector<LoaderSource> sources;
  for (const auto& source : manifest.sources) {
    const bool wanted = setup.sources.empty() ||
                        std::ranges::find(setup.sources, source.name) != setup.sources.end();
    if (wanted && manifest.counts(source.name, Split::kTrain).samples > 0)
      sources.push_back({source.name, setup.folder, 1});
  }
  if (sources.empty())
    throw DataError("{}: none of the sources has samples: expected one that manifest.json names",
                    setup.folder.string());
  ReadResult result{.setup = setup};
  const auto begin = Clock::now();
  const LoaderConfig config = {.row_tokens = setup.row_tokens,
                               .rows = setup.rows,
                               .seed = 1,
                               .threads = setup.threads,
                               .prefetch = std::max<int64_t>(4, 2 * setup.threads)};
  Loader loader(config, sources, Tokenizer::load(setup.folder), media_rules(taking_all()));
  loader.next();
  result.open_seconds = seconds_since(begin);
  const auto start = Clock::now();
  for (int64_t i = 0; i < setup.batches; ++i) count(loader.next(), result);
  result.seconds = seconds_since(start);
  return result;
}

}  // namespace reka::data::bench
