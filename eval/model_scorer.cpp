#include "eval/model_scorer.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include <ATen/core/grad_mode.h>

#include "data/batch/row.h"
#include "reka/base/progress.h"
#include "reka/model/score.h"
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
      expect_finite(-loss[i]);
      score.log_probability -= loss[i];
      score.tokens += 1;
    }
    scores.push_back(score);
  }
}

}  // namespace

std::vector<data::Sample> cut_text(const data::Sample& sample, int64_t context) {
  const auto length = static_cast<int64_t>(sample.tokens.size());
  if (sample.whole || !sample.media.empty() || length <= context) return {sample};
  const auto size = std::max<int64_t>(context, 2);
  std::vector<data::Sample> pieces;
  for (int64_t begin = 0; begin + 1 < length; begin += size - 1) {
    const auto end = std::min(begin + size, length);
    auto& piece = pieces.emplace_back();
    piece.tokens.assign(sample.tokens.begin() + begin, sample.tokens.begin() + end);
    for (const auto& run : sample.targets) {
      const auto first = std::max<int64_t>(run.begin, begin);
      const auto last = std::min<int64_t>(run.begin + run.length, end);
      if (first >= last) continue;
      piece.targets.push_back(
          {static_cast<int32_t>(first - begin), static_cast<int32_t>(last - first)});
    }
  }
  return pieces;
}

Scorer make_scorer(const Subject& subject, int64_t batch_tokens, const std::string& task) {
  const auto expander = std::make_shared<data::Expander>(subject.tokenizer, subject.media.length);
  return [subject, expander, batch_tokens, task](const std::vector<data::Sample>& samples,
                                                 std::string_view pass) {
    auto model = subject.model;
    const auto context = model->config().decoder.context;
    std::vector<data::Sample> pieces;
    std::vector<size_t> owners;
    for (size_t i = 0; i < samples.size(); ++i) {
      for (auto& piece : cut_text(samples[i], context)) pieces.push_back(std::move(piece));
      owners.resize(pieces.size(), i);
    }
    std::vector<Score> scores;
    Progress progress(fmt::format("{}: {}", task, pass), static_cast<int64_t>(pieces.size()),
                      "texts");
    std::span<const data::Sample> rest(pieces);
    while (!rest.empty()) {
      const auto count = data::samples_that_fit(rest, *expander, batch_tokens);
      const auto batch = data::make_batch(rest.first(count), *expander, subject.media.decode);
      score_batch(batch.to(model->device()), model, scores);
      progress.advance(static_cast<int64_t>(count));
      rest = rest.subspan(count);
    }
    progress.finish();
    std::vector<Score> sums(samples.size());
    for (size_t i = 0; i < scores.size(); ++i) {
      sums[owners[i]].log_probability += scores[i].log_probability;
      sums[owners[i]].tokens += scores[i].tokens;
    }
    return sums;
  };
}

}  // namespace reka::eval
