#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "data/batch/row.h"
#include "data/corpus/normalize.h"
#include "data/corpus/record.h"
#include "reka/base/error.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/options.h"
#include "scripts/commands/prompt.h"
#include "scripts/commands/subject.h"

namespace reka::commands {
namespace {

struct GenerateCommand {
  std::string model;
  std::string prompt;
  std::string device = "auto";
  std::string precision = "fp32";
  PromptOptions options;
};

/// Media first, then the text; the end of the text is left open.
data::Sample make_prompt(const GenerateCommand& command, const eval::Subject& subject) {
  data::Document document;
  for (const auto modality : data::kMediaOrder)
    for (const auto& path : command.options.files(modality))
      data::add_media_part(read_prompt_medium(subject, modality, path), document);
  if (!command.prompt.empty()) document.parts.push_back({.text = data::normalize(command.prompt)});
  return open_sample(std::move(document), *subject.tokenizer);
}

void generate_text(GenerateCommand command) {
  bool given = !command.prompt.empty();
  for (const auto modality : data::kMediaOrder)
    given = given || !command.options.files(modality).empty();
  if (!given)
    throw ConfigError("--prompt: is missing: must be given, or --image, --video or --audio");
  const auto subject = open_subject(command.model, command.device, command.precision);
  const auto prompt = make_prompt(command, subject);
  const data::Expander expander(subject.tokenizer, subject.media.length);
  const auto batch = data::make_batch({&prompt, 1}, expander, subject.media.decode);
  command.options.generate.stop_ids = {subject.tokenizer->end_of_text()};
  stream_text(subject, batch.input, command.options.generate, command.options.stops);
  show_text("\n");
}

}  // namespace

void add_generate(CLI::App& app) {
  auto* command = app.add_subcommand("generate", "text from a prompt with media");
  const auto options = std::make_shared<GenerateCommand>();
  add_model_options(*command, options->model, options->device, options->precision);
  command->add_option("--prompt", options->prompt, "the text that is continued")->check(is_text());
  add_prompt_options(*command, options->options);
  command->callback([options] { generate_text(*options); });
}

}  // namespace reka::commands
