#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "reka/base/json.h"

namespace reka::data::bench {

/// What is read, and how.
struct ReadSetup {
  std::filesystem::path folder;      // of shards
  std::vector<std::string> sources;  // empty: all
  int64_t row_tokens = 1024;
  int64_t rows = 8;  // of a micro-batch
  int64_t threads = 1;
  int64_t batches = 200;
};

struct ReadResult {
  ReadSetup setup;
  double open_seconds = 0;  // until the first batch
  double seconds = 0;       // of the batches behind it
  int64_t rows = 0, tokens = 0, documents = 0, pictures = 0, clips = 0, sounds = 0;

  Json json() const;
};

/// Reads packed rows as the trainer does, decoded media included.
ReadResult measure_reading(const ReadSetup& setup);

}  // namespace reka::data::bench
