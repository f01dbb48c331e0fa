#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "data/corpus/document.h"
#include "data/shards/sample.h"
#include "eval/model_scorer.h"

namespace CLI {
class Validator;
}  // namespace CLI

namespace reka::commands {

/// What keeps bytes from being text, "byte 3 is not UTF-8: must be text"; "" of text.
std::string text_finding(std::string_view bytes);
/// A check of an option's value, which must be text.
CLI::Validator is_text();

/// A file that a user names, whole and such as the model takes, shown where the terminal can.
/// Throws DataError and ConfigError, which name it.
data::MediaFile read_prompt_medium(const eval::Subject& subject, Modality modality,
                                   const std::filesystem::path& path);

/// The document as what a model goes on with, or is scored on: without the end of the text.
data::Sample open_sample(data::Document&& document, const data::Tokenizer& tokenizer);

}  // namespace reka::commands
