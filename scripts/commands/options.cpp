#include "scripts/commands/options.h"

#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "data/tokens/text_stream.h"

namespace reka::commands {

CLI::Validator at_least(double low) {
  const auto limit = fmt::format("a number from {}", low);
  return {[limit, low](const std::string& text) {
            char* end = nullptr;
            const auto value = std::strtod(text.c_str(), &end);
            const bool good = end != text.c_str() && *end == '\0' && value >= low;
            return good ? std::string() : fmt::format("{}: must be {}", text, limit);
          },
          limit};
}

void add_model_options(CLI::App& command, std::string& model, std::string& device,
                       std::string& precision) {
  command.add_option("--model", model, "run, checkpoint, imported or exported folder")->required();
  command.add_option("--device", device, "auto, cpu or cuda")->capture_default_str();
  command.add_option("--precision", precision, "fp32 or bf16")->capture_default_str();
}

void add_generate_options(CLI::App& command, GenerateOptions& options) {
  auto& sampling = options.sampling;
  command.add_option("--max-tokens", options.max_tokens, "longest answer")
      ->check(at_least(0))
      ->capture_default_str();
  command.add_option("--temperature", sampling.temperature, "0: the likeliest token")
      ->check(at_least(0))
      ->capture_default_str();
  command.add_option("--top-k", sampling.top_k, "only so many tokens; 0: all")
      ->check(at_least(0))
      ->capture_default_str();
  command.add_option("--top-p", sampling.top_p, "only the likeliest with this probability")
      ->check(CLI::Range(1e-6, 1.0))
      ->capture_default_str();
  command.add_option("--seed", sampling.seed, "of the draws")
      ->check(at_least(0))
      ->capture_default_str();
}

std::string stream_text(const eval::Subject& subject, const Input& prompt, GenerateOptions options,
                        const std::vector<std::string>& stops) {
  options.vocab = subject.tokenizer->vocab_size();
  data::TextStream stream(subject.tokenizer, stops);
  const auto show = [](const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  };
  generate(subject.model, prompt, options, [&](int64_t id) {
    show(stream.add(static_cast<int32_t>(id)));
    return !stream.stopped();
  });
  show(stream.finish() + "\n");
  return stream.text();
}

}  // namespace reka::commands
