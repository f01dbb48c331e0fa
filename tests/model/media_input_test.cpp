#include "reka/model/media_input.h"

#include "tests/support/testing.h"

namespace reka {
namespace {

Geometry sized(int32_t width, int32_t height) {
  return {.width = width, .height = height};
}

TEST_CASE("tiling: tiles follow the area and the nearest aspect", "[model][media_input]") {
  ImageInputConfig config{.tile_size = 100, .max_tiles = 4};
  struct Row {
    int32_t width, height;
    int64_t rows, columns;
  };
  // n = min(ceil(w h / 10000), 4) and n + 1 below 4; the nearest log(columns / rows) by hand.
  const std::vector<Row> table = {
      {100, 100, 1, 1}, {1, 1, 1, 1},       {10000, 1, 1, 1},   {101, 100, 1, 2},
      {200, 100, 1, 2}, {100, 200, 2, 1},   {300, 100, 1, 3},   {150, 100, 1, 2},
      {200, 200, 2, 2}, {4000, 10, 1, 4},   {10, 4000, 4, 1},   {1000, 1000, 2, 2},
      {640, 480, 2, 2}, {1900, 1000, 2, 2}, {2100, 1000, 1, 4}, {2200, 1000, 1, 4},
      {173, 100, 1, 2}, {100000, 1, 1, 4},  {30000, 1, 1, 4},   {15000, 1, 1, 3}};
  for (const auto& row : table) {
    INFO(row.width << " x " << row.height);
    const auto grid = tile_grid(sized(row.width, row.height), config);
    CHECK(grid.rows == row.rows);
    CHECK(grid.columns == row.columns);
  }
}

TEST_CASE("tiling: one tile more may be taken for a better aspect", "[model][media_input]") {
  ImageInputConfig config{.tile_size = 100, .max_tiles = 9};
  // 5 tiles only as 1 x 5 or 5 x 1; 6 as 2 x 3.
  CHECK(tile_grid(sized(250, 180), config) == TileGrid{.rows = 2, .columns = 3});
  config.max_tiles = 5;
  CHECK(tile_grid(sized(250, 180), config) == TileGrid{.rows = 1, .columns = 5});
  CHECK(TileGrid{.rows = 2, .columns = 3}.num_tiles() == 7);
  CHECK(TileGrid{}.num_tiles() == 1);
}

TEST_CASE("tiling: never more tiles than the most", "[model][media_input]") {
  for (int64_t most = 1; most <= 12; ++most) {
    const ImageInputConfig config{.tile_size = 16, .max_tiles = most};
    for (int32_t width = 1; width < 200; width += 7)
      for (int32_t height = 1; height < 200; height += 11) {
        const auto grid = tile_grid(sized(width, height), config);
        REQUIRE(grid.rows * grid.columns <= most);
        if (width * height <= 256) REQUIRE(grid == TileGrid{});
      }
  }
}

TEST_CASE("video: frames are sampled in the middles of equal parts", "[model][media_input]") {
  VideoInputConfig config{.num_frames = 4, .temporal_pooling = 2};
  const Geometry clip{.width = 96, .height = 96, .frames = 40, .seconds = 2};
  CHECK(sampled_times(clip, config) == std::vector<float>{0.25, 0.75, 1.25, 1.75});
  const Geometry shorter{.width = 96, .height = 96, .frames = 1, .seconds = 1};
  CHECK(sampled_times(shorter, config) == std::vector<float>{0.25, 0.75});
  config.temporal_pooling = 1;
  CHECK(sampled_times(shorter, config) == std::vector<float>{0.5});
}

TEST_CASE("audio: a mel frame for each 10 ms begun", "[model][media_input]") {
  const auto frames = [](int64_t samples) {
    return mel_frames({.seconds = static_cast<double>(samples) / 16000});
  };
  CHECK(frames(0) == 2);
  CHECK(frames(320) == 2);
  CHECK(frames(321) == 3);
  for (const int64_t columns : {3, 1000, 3000, 50000, 360000}) {
    CHECK(frames(columns * 160) == columns);
    CHECK(frames(columns * 160 + 1) == columns + 1);
    CHECK(frames(columns * 160 - 159) == columns);
  }
}

}  // namespace
}  // namespace reka
