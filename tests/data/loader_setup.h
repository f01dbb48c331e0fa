#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "data/batch/loader.h"
#include "tests/data/made_samples.h"
#include "tests/support/temp_folder.h"

namespace reka::testing {

constexpr int64_t kRow = 96;

/// Each medium fills four tokens; decoding one whose bytes have "broken" in them fails.
data::MediaRules test_rules();

/// A folder of texts in several groups and of pictures in one, a few of both held out, and what a
/// loader is made of.
struct LoaderSetup {
  TempFolder temporary;
  std::filesystem::path folder = temporary.path() / "shards";
  data::LoaderConfig config{.row_tokens = kRow, .rows = 2, .seed = 5, .threads = 0};
  std::vector<data::LoaderSource> sources{{"text", folder, 3}, {"image", folder, 1}};

  LoaderSetup();
  data::Loader loader(const data::LoaderRank& rank = {}) const;
};

/// What a row trains on, tokens and weights included.
using Row = std::string;

std::vector<Row> rows_of(const Batch& batch);

/// The first `count` global rows as `world` ranks see them.
std::vector<Row> global_rows(const LoaderSetup& setup, int64_t world, size_t count,
                             const data::LoaderState* from = nullptr);

std::multiset<uint64_t> ids_of(const Batch& batch);

}  // namespace reka::testing
