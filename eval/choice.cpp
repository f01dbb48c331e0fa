#include "eval/choice.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <set>

#include "reka/base/error.h"

namespace reka::eval {
namespace {

using data::Sample;

/// The tokens that a sample predicts, and where they begin.
std::vector<int32_t> text_of(const Sample& sample) {
  const auto begin = sample.tokens.begin() + sample.targets.front().begin;
  return {begin, sample.tokens.end()};
}

/// The media and marks of `media`, followed by the text of `text`.
Sample join(const Sample& media, const Sample& text) {
  Sample joined = media;
  const auto begin = media.targets.front().begin;
  joined.tokens.resize(static_cast<size_t>(begin));
  for (const auto token : text_of(text)) joined.tokens.push_back(token);
  joined.targets = {{begin, static_cast<int32_t>(joined.tokens.size()) - begin}};
  joined.text_bytes = text.text_bytes;
  return joined;
}

bool may_distract(const Sample& sample, const Sample& other, const ChoiceConfig& config) {
  const bool same_key = sample.key == other.key;
  return same_key == (config.distractors == "same_key");
}

/// Wrong texts for each sample, all different; empty where there are too few.
std::vector<size_t> draw_distractors(const std::vector<Sample>& samples, size_t index,
                                     const ChoiceConfig& config, std::mt19937_64& random) {
  std::vector<size_t> pool;
  for (size_t other = 0; other < samples.size(); ++other) {
    if (may_distract(samples[index], samples[other], config)) pool.push_back(other);
  }
  std::shuffle(pool.begin(), pool.end(), random);
  std::set<std::vector<int32_t>> texts = {text_of(samples[index])};
  std::vector<size_t> drawn;
  for (const auto other : pool) {
    if (drawn.size() + 1 == static_cast<size_t>(config.choices)) break;
    if (texts.insert(text_of(samples[other])).second) drawn.push_back(other);
  }
  return drawn;
}

/// A question for each sample for which there are enough different texts.
std::vector<ChoiceAnswer> make_questions(const std::vector<Sample>& samples,
                                         const ChoiceConfig& config, std::mt19937_64& random) {
  std::vector<ChoiceAnswer> questions;
  for (size_t index = 0; index < samples.size(); ++index) {
    ChoiceAnswer answer;
    answer.sample = index;
    answer.candidates = draw_distractors(samples, index, config, random);
    if (answer.candidates.size() + 1 < static_cast<size_t>(config.choices)) continue;
    answer.right = random() % static_cast<size_t>(config.choices);
    answer.candidates.insert(answer.candidates.begin() + static_cast<std::ptrdiff_t>(answer.right),
                             index);
    questions.push_back(std::move(answer));
  }
  return questions;
}

double log_mean_exp(const std::vector<double>& values) {
  const auto largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const auto value : values) sum += std::exp(value - largest);
  return largest + std::log(sum / static_cast<double>(values.size()));
}

/// log p(text of a sample | a medium) for every text that is offered and the media that all
/// questions share.
class Marginals {
 public:
  Marginals(const std::vector<Sample>& samples, const ChoiceConfig& config, const Scorer& scorer,
            std::mt19937_64& random)
      : samples_(samples) {
    std::vector<size_t> order(samples.size());
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    std::set<uint64_t> keys;
    for (const auto index : order) {
      if (media_.size() == static_cast<size_t>(config.marginal)) break;
      if (keys.insert(samples[index].key).second) media_.push_back(index);
    }
    std::vector<Sample> requests;
    for (const auto& text : samples) {
      for (const auto medium : media_) requests.push_back(join(samples[medium], text));
    }
    scores_ = scorer(requests, "texts with any media");
  }

  /// log p(text): the mean over the media of other split keys than the question has. All texts of a
  /// question meet the same media, or chance would favour one.
  double of(size_t text, size_t question) const {
    std::vector<double> drawn;
    for (size_t i = 0; i < media_.size(); ++i) {
      if (samples_[media_[i]].key == samples_[question].key) continue;
      drawn.push_back(scores_[text * media_.size() + i].log_probability);
    }
    return log_mean_exp(drawn);
  }

 private:
  const std::vector<Sample>& samples_;
  std::vector<size_t> media_;
  std::vector<Score> scores_;
};

/// Another item's medium for every answer, of another split key where there is one.
std::vector<size_t> shuffle_media(const std::vector<Sample>& samples,
                                  const std::vector<ChoiceAnswer>& answers,
                                  std::mt19937_64& random) {
  std::vector<size_t> media;
  for (const auto& answer : answers) {
    size_t other = answer.sample;
    for (int attempt = 0; attempt < 64; ++attempt) {
      other = random() % samples.size();
      if (samples[other].key != samples[answer.sample].key) break;
    }
    media.push_back(other);
  }
  return media;
}

using PassScorer = std::function<std::vector<Score>(const std::vector<Sample>&)>;

/// Scores every candidate of every answer with media[i] and marks what was chosen.
void answer_all(const std::vector<Sample>& samples, const std::vector<size_t>& media,
                const Marginals& marginals, const PassScorer& scorer,
                std::vector<ChoiceAnswer>& answers) {
  std::vector<Sample> requests;
  for (size_t i = 0; i < answers.size(); ++i) {
    for (const auto candidate : answers[i].candidates) {
      requests.push_back(join(samples[media[i]], samples[candidate]));
    }
  }
  const auto scores = scorer(requests);
  size_t next = 0;
  for (auto& answer : answers) {
    answer.scores.clear();
    for (const auto candidate : answer.candidates) {
      answer.scores.push_back(scores[next++].log_probability -
                              marginals.of(candidate, answer.sample));
    }
    const auto best = answer.scores[answer.right];
    answer.correct = std::count_if(answer.scores.begin(), answer.scores.end(),
                                   [&](double score) { return score >= best; }) == 1;
  }
}

/// The mean over answers of `value`, with split keys as its groups.
Estimate estimate_of(const std::vector<Sample>& samples, const std::vector<ChoiceAnswer>& answers,
                     const ChoiceConfig& config, double (*value)(const ChoiceAnswer&),
                     decltype(bootstrap_mean)* estimate) {
  std::vector<double> values;
  std::vector<uint64_t> groups;
  for (const auto& answer : answers) {
    values.push_back(value(answer));
    groups.push_back(samples[answer.sample].key);
  }
  return estimate(values, groups, config.resamples, static_cast<uint64_t>(config.seed));
}

double is_correct(const ChoiceAnswer& answer) {
  return answer.correct ? 1 : 0;
}

double score_of_right(const ChoiceAnswer& answer) {
  return answer.scores[answer.right];
}

}  // namespace

void expect_questions(const std::vector<Sample>& samples, const ChoiceConfig& config) {
  std::mt19937_64 random(static_cast<uint64_t>(config.seed));
  size_t index = 0;  // the first for which there are enough different texts
  while (index < samples.size() && draw_distractors(samples, index, config, random).size() + 1 <
                                       static_cast<size_t>(config.choices)) {
    ++index;
  }
  if (index == samples.size()) {
    throw DataError("{}: {} held-out samples: none has {} different texts to choose from",
                    config.source, samples.size(), config.choices);
  }
  const auto other = [&](const Sample& sample) { return sample.key != samples.front().key; };
  if (std::ranges::none_of(samples, other))
    throw DataError("{}: held-out samples of one split key: must be of several", config.source);
}

ChoiceResult choose_texts(const std::vector<Sample>& samples, const ChoiceConfig& config,
                          const Scorer& scorer) {
  expect_questions(samples, config);
  std::mt19937_64 random(static_cast<uint64_t>(config.seed));
  ChoiceResult result;
  result.choices = config.choices;
  result.chance = 1.0 / static_cast<double>(config.choices);
  result.answers = make_questions(samples, config, random);
  result.skipped = static_cast<int64_t>(samples.size() - result.answers.size());
  const Marginals marginals(samples, config, scorer, random);
  auto shuffled = result.answers;
  const auto pass = [&scorer](std::string_view name) {
    return [&scorer, name](const std::vector<Sample>& asked) { return scorer(asked, name); };
  };
  answer_all(samples, shuffle_media(samples, shuffled, random), marginals,
             pass("texts with another item's media"), shuffled);
  result.shuffled = estimate_of(samples, shuffled, config, is_correct, bootstrap_share);

  std::vector<size_t> own;
  for (const auto& answer : result.answers) own.push_back(answer.sample);
  answer_all(samples, own, marginals, pass("texts with their own media"), result.answers);
  result.accuracy = estimate_of(samples, result.answers, config, is_correct, bootstrap_share);
  result.information = estimate_of(samples, result.answers, config, score_of_right, bootstrap_mean);
  return result;
}

}  // namespace reka::eval
