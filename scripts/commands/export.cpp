#include "train/export/export.h"

#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "scripts/commands/commands.h"
#include "train/export/certificate.h"

namespace reka::commands {
namespace {

struct ExportCommand {
  std::string model;
  std::string to;
  std::string precision = "fp32";
  int64_t shard_bytes = train::ExportOptions{}.shard_bytes;
  bool verify = false;
};

void export_folder(const ExportCommand& command) {
  const train::ExportOptions options{
      .precision = command.precision == "fp32" ? at::kFloat : at::kBFloat16,
      .shard_bytes = command.shard_bytes};
  const auto folder = open_model(command.model);
  const auto tokenizer = data::Tokenizer::load(folder.tokenizer);
  train::export_model(folder, *tokenizer, command.to, options);
  fmt::print("{} -> {}\n", folder.origin, command.to);
  if (!command.verify) return;
  const auto found = train::verify_export(folder, *tokenizer, command.to, options);
  fmt::print(
      "verified: {} logits of the {} weights differ by at most {:.2g} from the plain formulas, "
      "{:.2g} "
      "from the reloaded model; {} tensors of encoders and fusion and {} texts are equal\n",
      found.logits_compared, command.precision, found.max_logit_difference,
      found.reload_logit_difference, found.media_tensors_equal, found.texts_tokenized_equal);
}

}  // namespace

void add_export(CLI::App& app) {
  auto* command = app.add_subcommand(
      "export", "write a folder that transformers, llama.cpp and reka itself can open");
  const auto options = std::make_shared<ExportCommand>();
  command->add_option("MODEL", options->model, "run, checkpoint, imported or exported folder")
      ->required();
  command->add_option("--to", options->to, "a new folder, or an older export")->required();
  command->add_option("--precision", options->precision, "of the weights: fp32 or bf16")
      ->check(CLI::IsMember({"fp32", "bf16"}))
      ->capture_default_str();
  command->add_option("--shard-bytes", options->shard_bytes, "of tensors in one file, at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_flag("--verify", options->verify,
                    "read the folder back, compare with the source, write certificate.json");
  command->callback([options] { export_folder(*options); });
}

}  // namespace reka::commands
