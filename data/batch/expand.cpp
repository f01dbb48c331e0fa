#include "data/batch/expand.h"

#include <algorithm>
#include <utility>

#include <c10/util/Exception.h>
#include <fmt/format.h>

namespace reka::data {

Expander::Expander(std::shared_ptr<const Tokenizer> tokenizer, LengthRule length)
    : tokenizer_(std::move(tokenizer)),
      length_(std::move(length)),
      image_begin_(tokenizer_->special("<image>")),
      image_end_(tokenizer_->special("</image>")),
      newline_(tokenizer_->encode("\n")) {}

MediaLayout Expander::layout(Modality modality, const Geometry& geometry) const {
  auto layout = length_(modality, geometry);
  TORCH_CHECK(modality == Modality::kVideo || layout.runs == 1, "expand: ", modality_name(modality),
              " has ", layout.runs, " runs, only a video has several");
  TORCH_CHECK(layout.times.empty() || static_cast<int64_t>(layout.times.size()) == layout.runs,
              "expand: ", layout.times.size(), " times for ", layout.runs, " runs");
  return layout;
}

std::vector<int32_t> Expander::time_text(const MediaLayout& layout, int64_t run) const {
  if (layout.times.empty()) return {};
  return tokenizer_->encode(fmt::format("t={:.1f}s", layout.times[static_cast<size_t>(run)]));
}

int64_t Expander::length(int64_t num_tokens, std::span<const MediaRecord> media) const {
  auto length = num_tokens;
  for (const auto& item : media) {
    const auto modality = static_cast<Modality>(item.modality);
    const auto layout = this->layout(modality, item.geometry());
    length += layout.soft_tokens() - 1;
    if (modality != Modality::kVideo) continue;
    length += layout.runs * (2 + static_cast<int64_t>(newline_.size()));
    for (int64_t run = 0; run < layout.runs; ++run)
      length += static_cast<int64_t>(time_text(layout, run).size());
  }
  return length;
}

std::vector<TokenRun> Expander::append(const SampleMedia& item, int32_t placeholder,
                                       std::vector<int32_t>& tokens) const {
  const auto layout = this->layout(item.modality, item.geometry);
  const auto append_run = [&] {
    const auto begin = static_cast<int64_t>(tokens.size());
    tokens.insert(tokens.end(), static_cast<size_t>(layout.tokens_per_run), placeholder);
    return TokenRun{begin, layout.tokens_per_run};
  };
  if (item.modality != Modality::kVideo) return {append_run()};
  std::vector<TokenRun> runs;
  for (int64_t run = 0; run < layout.runs; ++run) {
    const auto time = time_text(layout, run);
    tokens.insert(tokens.end(), time.begin(), time.end());
    tokens.push_back(image_begin_);
    runs.push_back(append_run());
    tokens.push_back(image_end_);
    tokens.insert(tokens.end(), newline_.begin(), newline_.end());
  }
  return runs;
}

Expanded Expander::expand(std::span<const int32_t> tokens, std::span<const TargetRun> targets,
                          std::span<const SampleMedia> media) const {
  Expanded expanded;
  std::vector<int64_t> place(tokens.size() + 1);  // of each token after expansion
  size_t next = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    place[i] = static_cast<int64_t>(expanded.tokens.size());
    if (next < media.size() && media[next].token == static_cast<int64_t>(i))
      expanded.media.push_back(append(media[next++], tokens[i], expanded.tokens));
    else
      expanded.tokens.push_back(tokens[i]);
  }
  place.back() = static_cast<int64_t>(expanded.tokens.size());
  const auto add_target = [&](int64_t begin, int64_t end) {
    const auto from = place[static_cast<size_t>(begin)];
    if (begin < end)
      expanded.targets.push_back({static_cast<int32_t>(from), static_cast<int32_t>(end - begin)});
  };
  for (const auto& run : targets) {
    int64_t begin = run.begin;
    const auto end = begin + run.length;
    for (const auto& item : media) {
      if (item.token < begin || item.token >= end) continue;
      add_target(begin, item.token);
      begin = item.token + 1;
    }
    add_target(begin, end);
  }
  return expanded;
}

}  // namespace reka::data
