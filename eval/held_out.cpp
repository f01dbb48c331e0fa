#include "eval/held_out.h"

#include <numbers>

namespace reka::eval {

void HeldOutSum::add(const Score& score, int64_t text_bytes) {
  nats -= score.log_probability;
  tokens += score.tokens;
  bytes += text_bytes;
  samples += 1;
}

double HeldOutSum::bits_per_byte() const {
  return bytes == 0 ? 0 : nats / std::numbers::ln2 / static_cast<double>(bytes);
}

double HeldOutSum::nats_per_token() const {
  return tokens == 0 ? 0 : nats / static_cast<double>(tokens);
}

HeldOutResult score_held_out(const std::vector<data::Sample>& samples, const Scorer& scorer) {
  HeldOutResult result;
  const auto scores = scorer(samples, "held-out texts");
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto& sample = samples[i];
    const auto modality = sample.media.empty() ? Modality::kText : sample.media.front().modality;
    result.all.add(scores[i], sample.text_bytes);
    result.by_language[sample.language].add(scores[i], sample.text_bytes);
    result.by_source[sample.source].add(scores[i], sample.text_bytes);
    result.by_modality[std::string(modality_name(modality))].add(scores[i], sample.text_bytes);
  }
  return result;
}

}  // namespace reka::eval
