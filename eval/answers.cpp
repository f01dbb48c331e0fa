#include "eval/answers.h"

#include <algorithm>

#include "data/batch/row.h"

namespace reka::eval {
namespace {

using data::Sample;

/// The sample up to what the model has to write.
Sample beginning_of(const Sample& sample, const AnswersConfig& config) {
  auto beginning = sample;
  const auto size = static_cast<int64_t>(sample.tokens.size());
  const int64_t first_target = sample.targets.front().begin;
  const auto given = first_target > 0 ? first_target : std::min(config.prompt_tokens, size - 1);
  beginning.tokens.resize(static_cast<size_t>(given));
  beginning.targets.clear();
  return beginning;
}

}  // namespace

std::string plain_text(const Subject& subject, std::span<const int32_t> ids) {
  std::vector<int32_t> plain;
  for (const auto id : ids) {
    if (!subject.tokenizer->is_special(id)) plain.push_back(id);
  }
  return subject.tokenizer->decode(plain);
}

Answer answer_sample(const Sample& sample, const AnswersConfig& config, const Subject& subject,
                     const TokenSink& sink) {
  const auto beginning = beginning_of(sample, config);
  const data::Expander expander(subject.tokenizer, subject.media.length);
  const auto batch = data::make_batch({&beginning, 1}, expander, subject.media.decode);
  GenerateOptions options;
  options.max_tokens = config.max_tokens;
  options.vocab = subject.tokenizer->vocab_size();
  options.stop_ids = {subject.tokenizer->end_of_text(), subject.tokenizer->special("<sep>")};
  const auto written = generate(subject.model, batch.input, options, sink);
  const auto given = beginning.tokens.size();
  const std::span<const int32_t> all(sample.tokens);
  const auto shown = std::min(all.size() - given, static_cast<size_t>(config.max_tokens));
  Answer answer;
  if (sample.media.empty()) answer.prompt = plain_text(subject, all.first(given));
  answer.answer = plain_text(subject, std::vector<int32_t>(written.begin(), written.end()));
  answer.reference = plain_text(subject, all.subspan(given, shown));
  return answer;
}

std::vector<Answer> answer_samples(const std::vector<Sample>& samples, const AnswersConfig& config,
                                   const Subject& subject) {
  std::vector<Answer> answers;
  const auto wanted = std::min(static_cast<size_t>(config.samples), samples.size());
  for (size_t i = 0; i < wanted; ++i) {
    const auto index = i * samples.size() / wanted;
    answers.push_back(answer_sample(samples[index], config, subject));
    answers.back().sample = index;
  }
  return answers;
}

}  // namespace reka::eval
