#include "data/corpus/detector.h"

#include <algorithm>
#include <istream>
#include <streambuf>
#include <utility>

#include <fasttext/fasttext.h>

#include "data/corpus/each_line.h"
#include "data/corpus/normalize.h"
#include "data/corpus/signals.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

constexpr std::string_view kLabel = "__label__";

class Cld2 final : public LanguageDetector {
 public:
  std::vector<LanguageGuess> guess(std::string_view text) const override {
    return guess_by_cld2(text);
  }
};

// A stream of bytes that stand in memory.
struct ViewBuffer : std::streambuf {
  explicit ViewBuffer(std::string& text) {
    setg(text.data(), text.data(), text.data() + text.size());
  }
};

// Joulin et al. 2016, arXiv:1607.01759: one line of text -> labels with probabilities.
class FastText final : public LanguageDetector {
 public:
  explicit FastText(const FastTextConfig& config)
      : min_score_(static_cast<float>(config.min_score)) {
    try {
      model_.loadModel(config.path);
    } catch (const std::exception&) {
      throw DataError("data.language.path = {}: must be a fastText model", config.path);
    }
  }

  std::vector<LanguageGuess> guess(std::string_view text) const override {
    std::string line(text);
    std::replace(line.begin(), line.end(), '\n', ' ');
    line += '\n';
    ViewBuffer buffer(line);
    std::istream in(&buffer);
    std::vector<std::pair<fasttext::real, std::string>> predictions;
    model_.predictLine(in, predictions, /*k=*/3, /*threshold=*/0);
    std::vector<LanguageGuess> guesses;
    for (const auto& [score, label] : predictions) {
      const auto name =
          std::string_view(label).substr(label.starts_with(kLabel) ? kLabel.size() : 0);
      guesses.push_back({language_tag(name), std::min(score, 1.0F)});
    }
    if (!guesses.empty() && guesses[0].score < min_score_) guesses.clear();
    return guesses;
  }

 private:
  fasttext::FastText model_;
  float min_score_;
};

float score_of(const std::vector<LanguageGuess>& guesses, const std::string& tag) {
  const auto found = std::ranges::find(guesses, tag, &LanguageGuess::tag);
  return found == guesses.end() ? 0 : found->score;
}

float paragraph_share(const LanguageDetector& detector, std::string_view text,
                      const std::string& tag) {
  int64_t of_tag = 0, all = 0;
  for_each_line(text, [&](std::string_view line) {
    const auto guesses = detector.guess(line);
    const auto characters = count_characters(line);
    all += characters;
    if (!guesses.empty() && guesses[0].tag == tag) of_tag += characters;
  });
  return share(of_tag, all);
}

}  // namespace

std::unique_ptr<LanguageDetector> LanguageDetector::make(const Config& config) {
  if (const auto* model = std::get_if<FastTextConfig>(&config)) {
    return std::make_unique<FastText>(*model);
  }
  return std::make_unique<Cld2>();
}

DetectedLanguage detect(const LanguageDetector& detector, std::string_view text, std::string tag,
                        bool paragraphs) {
  const auto guesses = detector.guess(text);
  DetectedLanguage found{.tag = std::move(tag), .paragraph_share = kNoSignal};
  if (guesses.empty()) {
    found.score = found.tag.empty() ? 0 : kNoSignal;
  } else {
    if (found.tag.empty()) found.tag = guesses[0].tag;
    found.score = score_of(guesses, found.tag);
  }
  if (paragraphs && !found.tag.empty()) {
    found.paragraph_share = paragraph_share(detector, text, found.tag);
  }
  return found;
}

}  // namespace reka::data
