#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "data/corpus/emoji.h"
#include "data/corpus/reader.h"
#include "data/corpus/split.h"
#include "reka/base/config.h"

namespace reka::data {

/// Clips that show two to four emoji one after the other, and "first A, then B, then C" as the
/// text. Every choice of emoji is shown in two orders, one the reverse of the other, so only time
/// tells them apart; all emoji of a clip are from one side of the emoji's split. A function of the
/// seed.
struct EmojiVideoConfig {
  static constexpr std::string_view kName = "emoji_video";
  EmojiFiles files;
  int64_t train_clips = 320;
  int64_t dev_clips = 40;
  int64_t test_clips = 80;
  int64_t size = 96;
  int64_t frames_per_second = 4;
  int64_t frames_per_picture = 4;
  int64_t seed = 0;
  SplitConfig split{.modulus = 20, .test = 1, .dev = 1};

  void describe(auto& field) {
    const auto even = Limit{"even and > 0", [](int64_t n) { return n > 0 && n % 2 == 0; }};
    const auto pairs = Limit{"even and >= 0", [](int64_t n) { return n >= 0 && n % 2 == 0; }};
    field("files", files, "where the pictures and the words for them are");
    field("train_clips", train_clips, "clips of the training emoji", pairs);
    field("dev_clips", dev_clips, "clips of the dev emoji", pairs);
    field("test_clips", test_clips, "clips of the test emoji", pairs);
    field("size", size, "pixels on each side of a clip", even);
    field("frames_per_second", frames_per_second, "frames per second", positive);
    field("frames_per_picture", frames_per_picture, "how long each picture is shown", positive);
    field("seed", seed, "of the choice of emoji");
    field("split", split, "which emoji are held out; must be that of the emoji source");
  }
};

std::unique_ptr<Reader> make_reader(const EmojiVideoConfig& config, const ReaderContext& context);

}  // namespace reka::data
