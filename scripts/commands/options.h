#pragma once

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

/// --max-tokens and how tokens are drawn.
void add_generate_options(CLI::App& command, GenerateOptions& options);

/// Writes the continuation of `prompt` to stdout as it comes, and a newline -> its text.
std::string stream_text(const eval::Subject& subject, const Input& prompt, GenerateOptions options,
                        const std::vector<std::string>& stops);

}  // namespace reka::commands
