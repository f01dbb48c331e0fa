#include "train/telemetry/flops.h"

#include "tests/model/rows.h"

using namespace reka;
using namespace reka::testing;

namespace {

/// A picture of one tile (16 patches) and a sound of 40 frames (20 positions, two windows).
double flops_of(const FusionConfig& fusion) {
  const auto config = small_model(fusion);
  const Batch batch = {
      .input = make_row(config, {{text(3), picture(16, 16), text(5)}, {sound(0.4F), text(4)}}),
      .weight = 10};
  return train::model_flops(config, 50, batch);
}

constexpr double kHead = 6 * 32 * 50 * 10;
constexpr double kBlock = 2 * 32 * (32 + 16) + 3 * 32 * 48;  // weights of a decoder block
constexpr double kEncoder = 24 * (4 * 24 + 3 * 32);          // of an encoder's block
constexpr double kImage = 6 * 48 * 24 * 16 + 2 * (6 * kEncoder * 16 + 12 * 24 * 16 * 16);
constexpr double kAudio =
    6 * (3 * 8 * 24 * 40 + 3 * 24 * 24 * 20) + 2 * (6 * kEncoder * 20 + 12 * 24 * 20 * 20);
constexpr double kMedia = kHead + kImage + kAudio;

double decoder(double first, double second) {  // tokens of the two documents
  const auto pairs = (first * first + second * second) / 2;
  return 3 * (6 * kBlock * (first + second) + 12 * 32 * pairs);
}

}  // namespace

TEST_CASE("flops: a resampler is counted as by hand", "[train][telemetry]") {
  // 3 queries over the tile, 2 over each window of 10 positions.
  const auto keys = 2 * 24 * 24 * 36;
  const auto others = 24 * (2 * 24 + 3 * 32) * 7;
  const auto pairs = 3 * 16 + 2 * 2 * 10;
  const auto fusion = 6 * 24 * (24 * 36 + 32 * 7) + 2 * (6 * (keys + others) + 12 * 24 * pairs);
  CHECK(flops_of(small_fusions()[0]) == kMedia + decoder(3 + 3 + 5, 4 + 4) + fusion);
}

TEST_CASE("flops: pooling's two layers are counted as by hand", "[train][telemetry]") {
  const auto soft = 4 + 2 * 3;
  const auto fusion = 6 * (24 * 32 + 32 * 32) * soft;
  CHECK(flops_of(small_fusions()[1]) == kMedia + decoder(3 + 4 + 5, 6 + 4) + fusion);
}

TEST_CASE("flops: gated cross-attention is counted as by hand", "[train][telemetry]") {
  // Six tokens see the picture, five the sound.
  const auto keys = 2 * 16 * 32 * 36;
  const auto others = (2 * 32 * 32 + 3 * 32 * 48) * 11;
  const auto pairs = 6 * 16 + 5 * 20;
  const auto fusion = 6 * 24 * 32 * 36 + 2 * (6 * (keys + others) + 12 * 32 * pairs);
  CHECK(flops_of(small_fusions()[2]) == kMedia + decoder(3 + 1 + 5, 1 + 4) + fusion);
}
