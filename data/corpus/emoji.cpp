#include "data/corpus/emoji.h"

#include <algorithm>
#include <numeric>

#include "data/corpus/emoji_set.h"
#include "data/corpus/language.h"
#include "data/media/load.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

// A unit is a language.
class EmojiReader final : public Reader {
 public:
  EmojiReader(const EmojiConfig& config, const ReaderContext& context)
      : config_(config),
        source_(context.source),
        font_(context.root / config.files.font),
        common_(context.root / config.files.annotations),
        emoji_(font_, named_sequences(read_annotations(common_, config.languages.front()),
                                      config.skin_tones)) {}

  size_t num_units() const override { return config_.languages.size(); }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    const auto& locale = config_.languages[unit];
    std::map<std::string, Annotation> words;
    try {
      words = read_annotations(common_, locale);
    } catch (const DataError& error) {
      skip({locale, error.what()});
      return;
    }
    for (const auto& emoji : emoji_.all()) {
      const auto found = words.find(emoji.sequence);
      if (found == words.end() || found->second.name.empty() || !is_drawn(emoji, unit)) continue;
      emit_or_skip(
          code_points(emoji.sequence), [&] { return document(emoji, locale, found->second); }, emit,
          skip);
    }
  }

  std::vector<fs::path> inputs() const override {
    std::vector<fs::path> paths = {font_};
    for (const auto& locale : config_.languages)
      for (const auto* folder : {"annotations", "annotationsDerived"}) {
        auto path = common_ / folder / (locale + ".xml");
        if (fs::exists(path)) paths.push_back(std::move(path));
      }
    std::ranges::sort(paths);
    return paths;
  }

 private:
  // Whether a language is among the picture's: the first one, or drawn out of the others.
  bool is_drawn(const Emoji& emoji, size_t unit) const {
    if (unit == 0) return true;
    const auto seed = xxh3_64(emoji.sequence);
    int64_t before = 0;
    for (size_t other = 1; other < config_.languages.size(); ++other)
      before += mix64(seed, other) < mix64(seed, unit) ? 1 : 0;
    return before < config_.captions - 1;
  }

  Document document(const Emoji& emoji, const std::string& locale, const Annotation& words) const {
    Document document;
    const auto points = code_points(emoji.sequence);
    document.id = points + "/" + locale;
    document.key = emoji.group;
    document.source = source_;
    document.language = language_tag(locale);
    document.split = config_.split.side(emoji.group);
    document.media.push_back(make_media_file(Modality::kImage, emoji_.png(emoji), points));
    auto caption = words.name;
    if (config_.keywords && !words.keywords.empty()) caption += "\n" + words.keywords;
    document.parts.push_back({.kind = Part::Kind::kMedia, .media = 0, .target = false});
    document.parts.push_back({.kind = Part::Kind::kText, .text = std::move(caption)});
    return document;
  }

  EmojiConfig config_;
  std::string source_;
  fs::path font_, common_;
  EmojiSet emoji_;
};

}  // namespace

std::unique_ptr<Reader> make_reader(const EmojiConfig& config, const ReaderContext& context) {
  return std::make_unique<EmojiReader>(config, context);
}

}  // namespace reka::data
