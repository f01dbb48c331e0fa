#include "reka/generate/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <fmt/core.h>

#include "reka/base/error.h"
#include "reka/base/random.h"

namespace reka {
namespace {

struct Candidate {
  float logit;
  int64_t id;
};

/// Likeliest first; equal logits by id, so that every order of work gives the same.
bool before(const Candidate& a, const Candidate& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
}

/// exp(logit / temperature), relative to the largest.
std::vector<double> weights_of(const std::vector<Candidate>& candidates, double temperature) {
  std::vector<double> weights;
  weights.reserve(candidates.size());
  for (const auto& candidate : candidates) {
    weights.push_back(std::exp((candidate.logit - candidates.front().logit) / temperature));
  }
  return weights;
}

/// The number of leading weights that make up `top_p` of all; at least one.
size_t nucleus(const std::vector<double>& weights, double top_p) {
  const auto total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double sum = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    sum += weights[i];
    if (sum >= top_p * total) return i + 1;
  }
  return weights.size();
}

}  // namespace

int64_t Sampler::draw(const at::Tensor& logits, int64_t vocab) {
  TORCH_CHECK(logits.dim() == 1 && vocab > 0 && logits.size(0) >= vocab, "sampler: logits are ",
              logits.sizes(), ", the vocabulary has ", vocab);
  const auto values = logits.detach().to(at::kCPU, at::kFloat).contiguous();
  const auto* logit = values.const_data_ptr<float>();
  constexpr auto kInfinity = std::numeric_limits<float>::infinity();
  std::vector<Candidate> candidates(static_cast<size_t>(vocab));
  bool any = false;
  for (int64_t id = 0; id < vocab; ++id) {
    if (!(logit[id] < kInfinity)) {
      throw Error(
          fmt::format("the model's logit of token {} is {}: must be finite: its weights are "
                      "damaged or diverged",
                      id, logit[id]));
    }
    any |= logit[id] > -kInfinity;
    candidates[static_cast<size_t>(id)] = {logit[id], id};
  }
  TORCH_CHECK(any, "sampler: every logit is -inf");
  if (config_.temperature == 0) {
    return std::min_element(candidates.begin(), candidates.end(), before)->id;
  }
  auto count = candidates.size();
  if (config_.top_k > 0) count = std::min(count, static_cast<size_t>(config_.top_k));
  std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count),
                    candidates.end(), before);
  candidates.resize(count);
  auto weights = weights_of(candidates, config_.temperature);
  weights.resize(nucleus(weights, config_.top_p));
  const auto total = std::accumulate(weights.begin(), weights.end(), 0.0);
  auto left = total * uniform(mix64(static_cast<uint64_t>(config_.seed), draws_++));
  for (size_t i = 0; i < weights.size(); ++i) {
    left -= weights[i];
    if (left < 0) return candidates[i].id;
  }
  return candidates[weights.size() - 1].id;
}

}  // namespace reka
