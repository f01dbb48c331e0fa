#include "data/batch/row.h"

#include <algorithm>
#include <utility>

#include <ATen/Functions.h>

#include "data/shards/format.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

template <typename T>
at::Tensor tensor_of(const std::vector<T>& values) {
  auto tensor =
      at::empty({static_cast<int64_t>(values.size())}, c10::CppTypeToScalarType<T>::value);
  std::ranges::copy(values, tensor.template mutable_data_ptr<T>());
  return tensor;
}

/// A sample with media, or one that is never cut.
Example whole_example(Expanded&& expanded, bool prefix) {
  Example example{.tokens = std::move(expanded.tokens)};
  example.predicted = predicted_tokens(expanded.targets, example.tokens.size());
  example.length = static_cast<int64_t>(example.tokens.size());
  if (prefix && !expanded.targets.empty()) example.prefix_length = expanded.targets.front().begin;
  return example;
}

std::vector<MediaInput> decode_all(const SampleView& sample,
                                   std::vector<std::vector<TokenRun>>&& runs,
                                   const MediaDecoder& decode) {
  std::vector<MediaInput> media;
  for (size_t i = 0; i < runs.size(); ++i) {
    media.push_back(decode(sample.media[i]));
    media.back().runs = std::move(runs[i]);
  }
  return media;
}

/// The bytes of the sample in the proportion of its targets that this example predicts. (Restored
/// spans have sentinels among their targets and are no measure of text.)
double share_of_bytes(const SampleView& sample, const Example& example) {
  int64_t targets = 0;
  for (const auto& run : sample.targets) targets += run.length - (run.begin == 0 ? 1 : 0);
  // The first token stands in no row as a target; its bytes are shared by the others.
  const auto predicted =
      std::count(example.predicted.begin() + 1, example.predicted.end(), uint8_t{1});
  if (targets == 0) return 0;
  return static_cast<double>(sample.text_bytes) * static_cast<double>(predicted) /
         static_cast<double>(targets);
}

}  // namespace

SampleView view_of(const Sample& sample) {
  return {.id = content_hash(sample.tokens, sample.targets, sample.media),
          .tokens = sample.tokens,
          .targets = sample.targets,
          .media = sample.media,
          .text_bytes = sample.text_bytes,
          .document_id = sample.document_id,
          .whole = sample.whole || !sample.media.empty(),
          .key = sample.key,
          .split = sample.split};
}

RowDocument make_document(const SampleView& sample, const TextPiece& piece, const RowRules& rules,
                          const MediaDecoder& decode, uint64_t seed) {
  RowDocument document;
  if (sample.whole) {
    auto expanded = rules.expander.expand(sample.tokens, sample.targets, sample.media);
    document.media = decode_all(sample, std::move(expanded.media), decode);
    document.example = whole_example(std::move(expanded), piece.denoiser == Denoiser::kPrefix);
  } else {
    document.example = rules.objective.example(piece, sample.tokens, sample.targets, seed);
  }
  document.info = {.sample_id = sample.id, .source = sample.source, .language = sample.language};
  if (piece.denoiser < Denoiser::kRegular)
    document.info.text_bytes = share_of_bytes(sample, document.example);
  if (!sample.media.empty()) document.info.modality = sample.media.front().modality;
  return document;
}

void RowDocument::take_targets() {
  std::ranges::fill(example.predicted, uint8_t{0});
  info.text_bytes = 0;
}

void BatchBuilder::append(std::span<const int32_t> tokens) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    tokens_.push_back(tokens[i]);
    positions_.push_back(static_cast<int64_t>(i));
  }
  starts_.push_back(this->tokens());
}

void BatchBuilder::add(RowDocument&& document) {
  const auto& example = document.example;
  const auto length = static_cast<size_t>(example.length);
  for (auto& item : document.media) {
    for (auto& run : item.runs) run.begin += tokens();
    item.document = static_cast<int64_t>(documents_.size());
    media_.push_back(std::move(item));
  }
  append(std::span(example.tokens).first(length));
  for (size_t next = 1; next <= length; ++next) {
    const bool known = next < example.tokens.size();
    targets_.push_back(known ? example.tokens[next] : filler_);
    weights_.push_back(known && example.predicted[next] != 0 ? 1.0F : 0.0F);
  }
  prefix_lengths_.push_back(example.prefix_length);
  documents_.push_back(document.info);
}

void BatchBuilder::add_filler(int64_t tokens) {
  if (tokens == 0) return;
  const std::vector<int32_t> filler(static_cast<size_t>(tokens), filler_);
  append(filler);
  targets_.resize(tokens_.size(), filler_);
  weights_.resize(tokens_.size(), 0.0F);
  prefix_lengths_.push_back(0);
  documents_.emplace_back();
  padding_ += tokens;
}

Batch BatchBuilder::finish() {
  Batch batch;
  batch.input.tokens = tensor_of(tokens_);
  batch.input.sequence = {tensor_of(positions_), std::move(starts_), std::move(prefix_lengths_)};
  batch.input.media = std::move(media_);
  batch.targets = tensor_of(targets_);
  batch.target_weight = tensor_of(weights_);
  for (const auto weight : weights_) batch.weight += weight;
  batch.documents = std::move(documents_);
  batch.padding = padding_;
  return batch;
}

int64_t expanded_length(const Sample& sample, const Expander& expander) {
  return std::ssize(expander.expand(sample.tokens, sample.targets, sample.media).tokens);
}

size_t samples_that_fit(std::span<const Sample> samples, const Expander& expander,
                        int64_t batch_tokens) {
  int64_t tokens = 0;
  size_t count = 0;
  while (count < samples.size()) {
    tokens += expanded_length(samples[count], expander);
    if (count > 0 && tokens > batch_tokens) break;
    ++count;
  }
  return count;
}

Batch make_batch(std::span<const Sample> samples, const Expander& expander,
                 const MediaDecoder& decode) {
  BatchBuilder builder(expander.tokenizer().end_of_text());
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto view = view_of(samples[i]);
    RowDocument document;
    try {
      auto expanded = expander.expand(view.tokens, view.targets, view.media);
      document.media = decode_all(view, std::move(expanded.media), decode);
      document.example = whole_example(std::move(expanded), false);
    } catch (const DataError& error) {
      if (view.document_id.empty()) throw;
      throw DataError("{}: {}", view.document_id, error.what());
    }
    document.info = {.sample_id = view.id,
                     .source = static_cast<int32_t>(i),
                     .text_bytes = static_cast<double>(view.text_bytes)};
    if (!view.media.empty()) document.info.modality = view.media.front().modality;
    builder.add(std::move(document));
  }
  return builder.finish();
}

}  // namespace reka::data
