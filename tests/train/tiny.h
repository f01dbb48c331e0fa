#pragma once

#include <memory>

#include <ATen/Parallel.h>

#include "reka/base/random.h"
#include "reka/model/decoder.h"
#include "tests/support/testing.h"
#include "train/optimizer/adamw.h"
#include "train/step.h"

namespace reka::testing {

inline constexpr int64_t kTinyVocab = 64;
inline constexpr int64_t kTinyRow = 24;  // tokens

inline Decoder tiny_decoder(at::ScalarType precision, bool recompute = false) {
  at::set_num_threads(1);  // far too small for two, and ranks share the cores
  torch::manual_seed(3);
  Decoder decoder(DecoderConfig{.dim = 32,
                                .num_layers = 2,
                                .num_heads = 4,
                                .num_kv_heads = 2,
                                .hidden = 48,
                                .recompute = recompute},
                  kTinyVocab);
  to_precision(*decoder, precision);
  return decoder;
}

/// Documents of a row: their lengths from the row's number, their tokens from (row, document).
/// Row g is a pure function of g; the last document predicts nothing at its end.
inline Batch tiny_batch(const std::vector<int64_t>& rows) {
  Batch batch;
  std::vector<int64_t> tokens, targets, positions, starts = {0};
  std::vector<float> weights;
  for (const auto row : rows) {
    const auto first = 3 + static_cast<int64_t>(uniform_below(mix64(row), 9));
    for (const auto& [document, length] : {std::pair{0, first}, {1, kTinyRow - first}}) {
      for (int64_t i = 0; i < length; ++i) {
        const auto token = [&](int64_t at) {
          return static_cast<int64_t>(uniform_below(mix64(row, document, at / 2), kTinyVocab));
        };
        tokens.push_back(token(i));
        targets.push_back(token(i + 1));
        positions.push_back(i);
        weights.push_back(i + 1 < length ? 1.0F : 0.0F);
      }
      starts.push_back(starts.back() + length);
      batch.documents.push_back({.sample_id = mix64(row, document),
                                 .source = 0,
                                 .language = document,
                                 .text_bytes = static_cast<double>(2 * length)});
      batch.weight += static_cast<double>(length - 1);
    }
  }
  batch.input.tokens = torch::tensor(tokens, at::kLong);
  batch.input.sequence = {torch::tensor(positions, at::kLong), starts,
                          std::vector<int64_t>(starts.size() - 1, 0)};
  batch.targets = torch::tensor(targets, at::kLong);
  batch.target_weight = torch::tensor(weights);
  batch.rows = rows;
  return batch;
}

struct TinyOptions {
  at::ScalarType precision = at::kFloat;
  bool recompute = false;
  train::AdamWConfig optimizer = {.lr = 0.01};
  Group* group = nullptr;
};

/// A tiny decoder with its optimizer; step s trains on rows [8 s, 8 s + 8).
struct TinyRun {
  explicit TinyRun(const TinyOptions& options = {})
      : decoder(tiny_decoder(options.precision, options.recompute)),
        parameters(named()),
        optimizer(options.optimizer, parameters),
        alone(Group::alone()),
        group(options.group == nullptr ? *alone : *options.group),
        lr(options.optimizer.lr),
        stepper([this](const Batch& batch) { return loss(batch); }, at::kCPU, parameters, optimizer,
                group) {}

  std::vector<train::NamedParameter> named() {
    std::vector<train::NamedParameter> result;
    for (const auto& entry : decoder->named_parameters()) {
      result.push_back({entry.key(), entry.value()});
    }
    return result;
  }

  ops::CrossEntropy loss(const Batch& batch) {
    const auto hidden = decoder->forward(decoder->embed(batch.input.tokens), batch.input.sequence);
    return ops::linear_cross_entropy(hidden, decoder->head_weight(), batch.targets,
                                     batch.target_weight);
  }

  train::StepResult step(int64_t number, int64_t micro_batches = 1, double clip = 1.0) {
    int64_t micro = 0;
    const auto micro_rows = 8 / group.size() / micro_batches;
    const train::StepPlan plan = {.micro_batches = micro_batches,
                                  .row_tokens = kTinyRow,
                                  .first_row = 8 * number,
                                  .rows = 8,
                                  .lr = lr,
                                  .clip = clip};
    return stepper.run(plan, 2, [&] {
      std::vector<int64_t> rows;
      for (int64_t i = 0; i < micro_rows; ++i) {
        rows.push_back(8 * number + (micro * micro_rows + i) * group.size() + group.rank());
      }
      ++micro;
      return tiny_batch(rows);
    });
  }

  Decoder decoder;
  train::FlatParameters parameters;
  train::AdamW optimizer;
  std::shared_ptr<Group> alone;
  Group& group;
  double lr;
  train::Stepper stepper;
};

/// The largest difference between the weights of two runs.
inline double weight_difference(TinyRun& a, TinyRun& b) {
  double largest = 0;
  for (size_t i = 0; i < a.parameters.groups().size(); ++i) {
    const auto difference = a.parameters.groups()[i].weight - b.parameters.groups()[i].weight;
    largest = std::max(largest, difference.abs().max().item<double>());
  }
  return largest;
}

}  // namespace reka::testing
