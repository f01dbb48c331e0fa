#pragma once

#include <functional>
#include <string>
#include <vector>

#include "eval/model_scorer.h"
#include "reka/generate/generate.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace reka::commands {

/// A check of an option's value, which must be a number from `low`.
CLI::Validator at_least(double low);

/// --model, --device, --precision.
void add_model_options(CLI::App& command, std::string& model, std::string& device,
                       std::string& precision);

/// What a question has and how an answer is drawn.
struct PromptOptions {
  std::vector<std::string> images, videos, audios;  // files
  std::vector<std::string> stops;
  GenerateOptions generate;

  const std::vector<std::string>& files(Modality modality) const;
};

/// --image, --video, --audio, --stop, --max-tokens and how tokens are drawn.
void add_prompt_options(CLI::App& command, PromptOptions& options);

/// A part of an answer, as it comes.
using ShowText = std::function<void(const std::string&)>;

/// To stdout, at once.
void show_text(const std::string& text);

/// Shows the continuation of `prompt` as it comes -> its text.
std::string stream_text(const eval::Subject& subject, const Input& prompt, GenerateOptions options,
                        const std::vector<std::string>& stops, const ShowText& show = show_text);

}  // namespace reka::commands
