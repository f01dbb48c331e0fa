#include "reka/generate/generate.h"

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "data/batch/row.h"
#include "data/media/load.h"
#include "data/tokens/render.h"
#include "reka/base/error.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/options.h"
#include "scripts/commands/picture.h"
#include "scripts/commands/subject.h"

namespace reka::commands {
namespace {

struct GenerateCommand {
  std::string model;
  std::string prompt;
  std::vector<std::string> images, audios, videos, stops;
  std::string device = "auto";
  std::string precision = "fp32";
  GenerateOptions generate;
};

void add_media(data::Document& document, Modality modality, const std::vector<std::string>& paths) {
  const bool shown = modality == Modality::kImage && isatty(STDOUT_FILENO) != 0;
  for (const auto& path : paths) {
    document.parts.push_back(
        {.kind = data::Part::Kind::kMedia, .media = document.media.size(), .target = false});
    document.media.push_back(data::read_prompt_file(modality, path));
    if (shown) show_picture(document.media.back().bytes, path);
  }
}

/// Media first, then the text; the end of the text is left open.
data::Sample make_prompt(const GenerateCommand& command, const data::Tokenizer& tokenizer) {
  data::Document document;
  add_media(document, Modality::kImage, command.images);
  add_media(document, Modality::kAudio, command.audios);
  add_media(document, Modality::kVideo, command.videos);
  if (!command.prompt.empty()) {
    document.parts.push_back({.kind = data::Part::Kind::kText, .text = command.prompt});
  }
  if (document.parts.empty()) {
    throw ConfigError("--prompt: is missing: must be given, or --image, --audio or --video");
  }
  auto sample = data::render(std::move(document), tokenizer);
  sample.tokens.pop_back();  // <|endoftext|>
  sample.targets.clear();
  return sample;
}

void generate_text(GenerateCommand command) {
  const auto subject = open_subject(command.model, command.device, command.precision);
  const auto& tokenizer = subject.tokenizer;
  const auto prompt = make_prompt(command, *tokenizer);
  const data::Expander expander(tokenizer, subject.media.length);
  const auto batch = data::make_batch({&prompt, 1}, expander, subject.media.decode);
  command.generate.stop_ids = {tokenizer->end_of_text()};
  stream_text(subject, batch.input, command.generate, command.stops);
}

}  // namespace

void add_generate(CLI::App& app) {
  auto* command = app.add_subcommand("generate", "text from a prompt with media");
  const auto options = std::make_shared<GenerateCommand>();
  add_model_options(*command, options->model, options->device, options->precision);
  command->add_option("--prompt", options->prompt, "the text that is continued");
  command->add_option("--image", options->images, "picture files, before the text");
  command->add_option("--audio", options->audios, "sound files, before the text");
  command->add_option("--video", options->videos, "clips, before the text");
  command->add_option("--stop", options->stops, "texts that end the answer");
  add_generate_options(*command, options->generate);
  command->callback([options] { generate_text(*options); });
}

}  // namespace reka::commands
