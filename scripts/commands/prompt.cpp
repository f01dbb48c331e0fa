#include "scripts/commands/prompt.h"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "data/media/load.h"
#include "data/tokens/render.h"
#include "reka/base/error.h"
#include "reka/base/utf8.h"
#include "scripts/commands/picture.h"

namespace reka::commands {

std::string text_finding(std::string_view bytes) {
  const auto valid = valid_utf8_prefix(bytes);
  if (valid == bytes.size()) return {};
  return fmt::format("byte {} is not UTF-8: must be text", valid + 1);
}

CLI::Validator is_text() {
  return {[](const std::string& value) { return text_finding(value); }, "UTF-8"};
}

data::MediaFile read_prompt_medium(const eval::Subject& subject, Modality modality,
                                   const std::filesystem::path& path) {
  if (path.empty()) throw DataError("{}: is empty: must be a file", modality_name(modality));
  auto file = data::read_prompt_file(modality, path);
  try {
    subject.media.length(modality, file.geometry);
  } catch (const DataError& error) {
    throw DataError("{}: {}", path.string(), error.what());
  }
  if (modality == Modality::kImage && isatty(STDOUT_FILENO) != 0)
    show_picture(file.bytes, file.name);
  return file;
}

data::Sample open_sample(data::Document&& document, const data::Tokenizer& tokenizer) {
  auto sample = data::render(std::move(document), tokenizer);
  sample.tokens.pop_back();  // <|endoftext|>, always a target
  if (--sample.targets.back().length == 0) sample.targets.pop_back();
  return sample;
}

}  // namespace reka::commands
