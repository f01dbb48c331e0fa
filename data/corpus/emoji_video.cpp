#include "data/corpus/emoji_video.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <ATen/ops/full.h>
#include <fmt/format.h>

#include "data/corpus/emoji_set.h"
#include "data/media/clip.h"
#include "data/media/image.h"
#include "data/media/load.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

// Names that read well in a list: no "flag: Chad", no commas.
bool is_plain(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == ' ' || c == '-';
  });
}

// A unit is a choice of emoji, in two orders.
class EmojiVideoReader final : public Reader {
 public:
  EmojiVideoReader(const EmojiVideoConfig& config, const ReaderContext& context)
      : config_(config),
        source_(context.source),
        font_(context.root / config.files.font),
        common_(context.root / config.files.annotations),
        words_(read_annotations(common_, "en")),
        emoji_(font_, named_sequences(words_, false)) {  // all: groups as the emoji source has them
    for (const auto& emoji : emoji_.all())
      if (emoji.group == emoji.sequence && is_plain(words_.at(emoji.sequence).name))
        pools_[static_cast<size_t>(config.split.side(emoji.group))].push_back(&emoji);
    for (const auto split : {Split::kTrain, Split::kDev, Split::kTest})
      if (num_clips(split) > 0 && pool(split).size() < kMostPictures)
        throw DataError("{}: {} emoji in {}: must be at least {}", font_.string(),
                        pool(split).size(), kSplitNames[static_cast<size_t>(split)], kMostPictures);
  }

  size_t num_units() const override {
    return static_cast<size_t>(config_.train_clips + config_.dev_clips + config_.test_clips) / 2;
  }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    auto split = Split::kTrain;
    auto index = static_cast<int64_t>(unit);
    for (const auto next : {Split::kDev, Split::kTest}) {
      if (index < num_clips(split) / 2) break;
      index -= num_clips(split) / 2;
      split = next;
    }
    auto chosen = choose(split, index);
    for (const auto* order : {"forward", "backward"}) {
      const auto id =
          fmt::format("{}-{}-{}", kSplitNames[static_cast<size_t>(split)], index, order);
      emit_or_skip(
          id, [&] { return document(id, split, chosen); }, emit, skip);
      std::ranges::reverse(chosen);
    }
  }

  std::vector<fs::path> inputs() const override {
    std::vector<fs::path> paths = {font_, common_ / "annotations/en.xml",
                                   common_ / "annotationsDerived/en.xml"};
    std::erase_if(paths, [](const fs::path& path) { return !fs::exists(path); });
    std::ranges::sort(paths);
    return paths;
  }

 private:
  static constexpr size_t kMostPictures = 4;
  using Choice = std::vector<const Emoji*>;

  int64_t num_clips(Split split) const {
    if (split == Split::kTrain) return config_.train_clips;
    return split == Split::kDev ? config_.dev_clips : config_.test_clips;
  }
  const Choice& pool(Split split) const { return pools_[static_cast<size_t>(split)]; }

  Choice choose(Split split, int64_t index) const {
    const auto bits =
        mix64(static_cast<uint64_t>(config_.seed), static_cast<uint64_t>(split), index);
    const Permutation shuffle(pool(split).size(), bits);
    Choice chosen;
    const auto count = 2 + uniform_below(mix64(bits), kMostPictures - 1);  // 2 ... 4
    for (uint64_t n = 0; n < count; ++n) chosen.push_back(pool(split)[shuffle(n)]);
    return chosen;
  }

  // The picture in the middle of a white square, a twelfth of it free on each side.
  at::Tensor frame(const Emoji& emoji) const {
    const auto picture = decode_image(as_bytes(emoji_.png(emoji)), code_points(emoji.sequence));
    const auto longest = std::max(picture.size(1), picture.size(2));
    const auto scaled = [&](int64_t side) {
      return std::max<int64_t>(1, side * config_.size * 5 / (longest * 6));
    };
    const auto height = scaled(picture.size(1)), width = scaled(picture.size(2));
    auto square = at::full({3, config_.size, config_.size}, 255, at::kByte);
    square.narrow(1, (config_.size - height) / 2, height)
        .narrow(2, (config_.size - width) / 2, width)
        .copy_(resize_image(picture, height, width));
    return square;
  }

  Document document(const std::string& id, Split split, const Choice& chosen) const {
    std::vector<at::Tensor> frames;
    std::string text;
    for (const auto* emoji : chosen) {
      frames.insert(frames.end(), static_cast<size_t>(config_.frames_per_picture), frame(*emoji));
      text += (text.empty() ? "first " : ", then ") + words_.at(emoji->sequence).name;
    }
    auto clip = encode_clip(frames, static_cast<int>(config_.frames_per_second));
    Document document;
    document.id = id;
    document.key = id.substr(0, id.rfind('-'));
    document.source = source_;
    document.language = "en";
    document.split = split;
    document.media.push_back(make_media_file(Modality::kVideo, std::move(clip), id));
    document.parts.push_back({.kind = Part::Kind::kMedia, .media = 0, .target = false});
    document.parts.push_back({.kind = Part::Kind::kText, .text = std::move(text)});
    return document;
  }

  EmojiVideoConfig config_;
  std::string source_;
  fs::path font_, common_;
  std::map<std::string, Annotation> words_;
  EmojiSet emoji_;
  std::array<Choice, kSplitNames.size()> pools_;
};

}  // namespace

std::unique_ptr<Reader> make_reader(const EmojiVideoConfig& config, const ReaderContext& context) {
  return std::make_unique<EmojiVideoReader>(config, context);
}

}  // namespace reka::data
