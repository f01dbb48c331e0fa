#include "data/tokens/train.h"

#include <cmath>
#include <unordered_map>

#include <sentencepiece_trainer.h>

#include "data/tokens/tokenizer.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

class Lines final : public sentencepiece::SentenceIterator {
 public:
  explicit Lines(const std::vector<std::string>& lines) : lines_(lines) {}
  bool done() const override { return at_ == lines_.size(); }
  void Next() override { ++at_; }
  const std::string& value() const override { return lines_[at_]; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  const std::vector<std::string>& lines_;
  size_t at_ = 0;
};

std::string joined_symbols() {
  std::string list;
  for (const auto& symbol : special_symbols()) list += (list.empty() ? "" : ",") + symbol;
  return list;
}

std::unordered_map<std::string, std::string> trainer_options(const TokenizerTrainConfig& config) {
  return {{"model_type", "bpe"},
          {"vocab_size", std::to_string(config.vocab_size)},
          {"character_coverage", fmt::format("{}", config.character_coverage)},
          {"byte_fallback", "true"},
          {"split_digits", "true"},
          {"allow_whitespace_only_pieces", "true"},
          {"normalization_rule_name", "identity"},
          {"add_dummy_prefix", "false"},
          {"remove_extra_whitespaces", "false"},
          {"user_defined_symbols", joined_symbols()},
          {"unk_id", "0"},
          {"bos_id", "-1"},
          {"eos_id", "-1"},
          {"pad_id", "-1"},
          {"input_sentence_size", "0"},
          {"shuffle_input_sentence", "false"},
          {"max_sentence_length", "16384"},
          {"num_threads", "2"},
          {"minloglevel", "2"}};
}

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// Where to cut `line`, which is longer than max_bytes: before the last space, else between
// characters.
size_t cut_position(std::string_view line, size_t max_bytes) {
  const auto space = line.rfind(' ', max_bytes);
  if (space != line.npos && space > 0) return space;
  auto cut = max_bytes;
  while (cut > 1 && is_continuation(line[cut])) --cut;
  return cut;
}

// SentencePiece's "./file.cc(660) [condition] Reason." in our words: finding: expectation.
std::string expectation(std::string_view message, size_t lines) {
  const auto number_after = [&](std::string_view words) -> std::string_view {
    const auto at = message.rfind(words);
    if (at == message.npos) return {};
    const auto rest = message.substr(at + words.size());
    return rest.substr(0, rest.find_first_not_of("0123456789"));
  };
  if (const auto most = number_after("set it to a value <= "); !most.empty())
    return fmt::format(
        "{} lines yield no more than {}: must be at most that, or tokenizer must be of type file",
        lines, most);
  if (const auto least = number_after(" vs "); !least.empty())
    return fmt::format("the characters of {} lines alone are {}: must be at least that", lines,
                       least);
  return fmt::format("SentencePiece refuses {} lines: {}: must be another size", lines, message);
}

}  // namespace

std::map<std::string, double> sampling_rates(const std::map<std::string, int64_t>& language_bytes,
                                             const TokenizerTrainConfig& config) {
  std::map<std::string, double> rates;
  auto budget = static_cast<double>(config.sample_bytes);
  while (rates.size() < language_bytes.size()) {
    double total = 0;
    for (const auto& [language, bytes] : language_bytes) {
      if (!rates.contains(language)) {
        total += std::pow(static_cast<double>(bytes), config.language_exponent);
      }
    }
    const auto rate_of = [&](double bytes) {
      return budget * std::pow(bytes, config.language_exponent) / total / bytes;
    };
    double given = 0;
    for (const auto& [language, bytes] : language_bytes) {
      if (rates.contains(language) || rate_of(static_cast<double>(bytes)) < 1) continue;
      rates[language] = 1;
      given += static_cast<double>(bytes);
    }
    if (given == 0) {
      for (const auto& [language, bytes] : language_bytes) {
        if (!rates.contains(language)) rates[language] = rate_of(static_cast<double>(bytes));
      }
    }
    budget -= given;
  }
  return rates;
}

std::vector<std::string> training_lines(std::string_view text, size_t max_bytes) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    while (line.size() > max_bytes) {
      const auto cut = cut_position(line, max_bytes);
      lines.emplace_back(line.substr(0, cut));
      line.remove_prefix(cut);
    }
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

std::string train_tokenizer(const std::vector<std::string>& lines,
                            const TokenizerTrainConfig& config) {
  if (lines.empty()) throw DataError("tokenizer: no text to learn from: must be some");
  Lines iterator(lines);
  std::string model;
  const auto status =
      sentencepiece::SentencePieceTrainer::Train(trainer_options(config), &iterator, &model);
  if (!status.ok()) {
    throw DataError("data.tokenizer.vocab_size = {}: {}", config.vocab_size,
                    expectation(status.message(), lines.size()));
  }
  return model;
}

}  // namespace reka::data
