#include "eval/model_scorer.h"

#include <span>

#include <ATen/core/grad_mode.h>

#include "data/batch/row.h"
#include "reka/base/progress.h"
#include "reka/ops/cross_entropy.h"

namespace reka::eval {
namespace {

/// Sums over documents of what the model gives to the tokens that they predict.
void score_batch(const Batch& batch, Model& model, std::vector<Score>& scores) {
  const at::NoGradGuard no_grad;
  const auto hidden = model->forward(batch.input);
  const auto losses =
      ops::linear_cross_entropy(hidden, model->head_weight(), batch.targets, batch.target_weight)
          .losses.to(at::kCPU, at::kDouble)
          .contiguous();
  const auto weight = batch.target_weight.to(at::kCPU).contiguous();
  const auto* loss = losses.const_data_ptr<double>();
  const auto* counted = weight.const_data_ptr<float>();
  const auto& starts = batch.input.sequence.starts;
  for (size_t document = 0; document + 1 < starts.size(); ++document) {
    Score score;
    for (auto i = starts[document]; i < starts[document + 1]; ++i) {
      if (counted[i] == 0) continue;
      score.log_probability -= loss[i];
      score.tokens += 1;
    }
    scores.push_back(score);
  }
}

/// How many of the samples fit in a batch; at least one.
size_t samples_that_fit(std::span<const data::Sample> samples, const data::Expander& expander,
                        int64_t batch_tokens) {
  int64_t tokens = 0;
  size_t count = 0;
  while (count < samples.size()) {
    const auto& sample = samples[count];
    tokens += static_cast<int64_t>(
        expander.expand(sample.tokens, sample.targets, sample.media).tokens.size());
    if (count > 0 && tokens > batch_tokens) break;
    ++count;
  }
  return count;
}

}  // namespace

Scorer make_scorer(const Subject& subject, int64_t batch_tokens) {
  const auto expander = std::make_shared<data::Expander>(subject.tokenizer, subject.media.length);
  return [subject, expander, batch_tokens](const std::vector<data::Sample>& samples) {
    auto model = subject.model;
    std::vector<Score> scores;
    Progress progress("scoring", static_cast<int64_t>(samples.size()), "samples");
    std::span<const data::Sample> rest(samples);
    while (!rest.empty()) {
      const auto count = samples_that_fit(rest, *expander, batch_tokens);
      const auto batch = data::make_batch(rest.first(count), *expander, subject.media.decode);
      score_batch(batch.to(model->device()), model, scores);
      progress.advance(static_cast<int64_t>(count));
      rest = rest.subspan(count);
    }
    progress.finish();
    return scores;
  };
}

}  // namespace reka::eval
