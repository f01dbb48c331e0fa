#include "scripts/commands/options.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "data/tokens/text_stream.h"
#include "reka/base/error.h"
#include "reka/base/log.h"
#include "scripts/commands/prompt.h"

namespace reka::commands {

namespace {

CLI::Validator is_number(double low, double high, const std::string& limit) {
  return {[limit, low, high](const std::string& text) {
            char* end = nullptr;
            const auto value = std::strtod(text.c_str(), &end);
            const bool whole = end != text.c_str() && *end == '\0';
            const bool good = whole && std::isfinite(value) && value >= low && value <= high;
            return good ? std::string() : fmt::format("{}: must be {}", text, limit);
          },
          limit};
}

}  // namespace

CLI::Validator at_least(double low) {
  constexpr double kMost = 9007199254740992;  // 2^53: whole numbers up to it are exact
  return is_number(low, kMost, fmt::format("a number from {} to 2^53", low));
}

void add_model_options(CLI::App& command, std::string& model, std::string& device,
                       std::string& precision) {
  command.add_option("--model", model, "run, checkpoint, imported or exported folder")->required();
  command.add_option("--device", device, "auto, cpu or cuda")->capture_default_str();
  command.add_option("--precision", precision, "fp32 or bf16")->capture_default_str();
}

namespace {

CLI::Validator names_a_file() {
  return {[](const std::string& name) {
            return name.empty() ? std::string("is empty: must be a file") : std::string();
          },
          "FILE"};
}

// An answer ends with the context; one that has no room to begin is an error.
void check_room(const eval::Subject& subject, const Input& prompt, int64_t max_tokens) {
  const auto room = room_behind(subject.model, prompt);
  const auto context = subject.model->config().decoder.context;
  if (room == 0 && max_tokens > 0)
    throw DataError("prompt: {} tokens: must leave room in the model's context of {}",
                    prompt.sequence.tokens(), context);
  if (max_tokens > room)
    warn(
        "--max-tokens {}: the prompt leaves {} of the model's context of {}: the answer ends there",
        max_tokens, room, context);
}

}  // namespace

const std::vector<std::string>& PromptOptions::files(Modality modality) const {
  if (modality == Modality::kImage) return images;
  return modality == Modality::kVideo ? videos : audios;
}

void add_prompt_options(CLI::App& command, PromptOptions& options) {
  command.add_option("--image", options.images, "picture files, before the text")
      ->check(names_a_file());
  command.add_option("--video", options.videos, "clips, before the text")->check(names_a_file());
  command.add_option("--audio", options.audios, "sound files, before the text")
      ->check(names_a_file());
  command.add_option("--stop", options.stops, "texts that end the answer")->check(is_text());
  auto& sampling = options.generate.sampling;
  command.add_option("--max-tokens", options.generate.max_tokens, "longest answer")
      ->check(at_least(0))
      ->capture_default_str();
  command.add_option("--temperature", sampling.temperature, "0: the likeliest token")
      ->check(at_least(0))
      ->capture_default_str();
  command.add_option("--top-k", sampling.top_k, "only so many tokens; 0: all")
      ->check(at_least(0))
      ->capture_default_str();
  command.add_option("--top-p", sampling.top_p, "only the likeliest with this probability")
      ->check(is_number(1e-6, 1, "a number from 1e-06 to 1"))
      ->capture_default_str();
  command.add_option("--seed", sampling.seed, "of the draws")
      ->check(at_least(0))
      ->capture_default_str();
}

void show_text(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

std::string stream_text(const eval::Subject& subject, const Input& prompt, GenerateOptions options,
                        const std::vector<std::string>& stops, const ShowText& show) {
  check_room(subject, prompt, options.max_tokens);
  options.vocab = subject.tokenizer->vocab_size();
  data::TextStream stream(subject.tokenizer, stops);
  generate(subject.model, prompt, options, [&](int64_t id) {
    show(stream.add(static_cast<int32_t>(id)));
    return !stream.stopped();
  });
  show(stream.finish());
  return stream.text();
}

}  // namespace reka::commands
