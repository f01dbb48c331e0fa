#include "reka/model/score.h"

#include <cmath>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "data/batch/row.h"
#include "data/media/load.h"
#include "data/tokens/render.h"
#include "reka/base/error.h"
#include "reka/base/json.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/subject.h"

namespace reka::commands {
namespace {

constexpr int64_t kBatchTokens = 4096;

struct ScoreOptions {
  std::string model;
  std::string input = "-";
  std::string device = "auto";
};

void add_media(data::Document& document, const Json& record, Modality modality,
               const std::string& place) {
  const auto key = std::string(modality_name(modality));
  if (!record.contains(key)) return;
  const auto paths = record[key].is_array()
                         ? json_value<std::vector<std::string>>(record, key, place)
                         : std::vector{json_value<std::string>(record, key, place)};
  for (const auto& path : paths) {
    document.parts.push_back(
        {.kind = data::Part::Kind::kMedia, .media = document.media.size(), .target = false});
    try {
      document.media.push_back(data::read_prompt_file(modality, path));
    } catch (const DataError& error) {
      throw DataError("{}: {}", place, error.what());
    }
  }
}

/// A line of input: its media, then its text, without an end.
data::Sample read_record(const std::string& line, const std::string& place,
                         const data::Tokenizer& tokenizer) {
  const auto record = parse_json(line, place);
  data::Document document;
  for (const auto modality : {Modality::kImage, Modality::kAudio, Modality::kVideo}) {
    add_media(document, record, modality, place);
  }
  document.parts.push_back(
      {.kind = data::Part::Kind::kText, .text = json_value<std::string>(record, "text", place)});
  auto sample = data::render(std::move(document), tokenizer);
  sample.tokens.pop_back();  // <|endoftext|>
  if (--sample.targets.back().length == 0) sample.targets.pop_back();
  return sample;
}

/// Values of the targets of a document, which stand at `begin` and later in the row, in order.
Json log_probabilities(const data::Sample& sample, const Batch& batch, const float* scores,
                       int64_t begin) {
  Json values = Json::array();
  for (size_t i = 0; i < sample.tokens.size(); ++i) values.push_back(nullptr);
  const auto* weight = batch.target_weight.const_data_ptr<float>();
  auto place = begin;  // predicts the token after it
  for (const auto& run : sample.targets) {
    for (auto token = run.begin; token < run.begin + run.length; ++token) {
      if (token == 0) continue;
      while (weight[place] == 0) ++place;
      values[static_cast<size_t>(token)] = scores[++place];
    }
  }
  return values;
}

void score_samples(const std::vector<data::Sample>& samples, const eval::Subject& subject) {
  auto model = subject.model;
  const data::Expander expander(subject.tokenizer, subject.media.length);
  const auto batch = data::make_batch(samples, expander, subject.media.decode);
  const auto scores = token_log_probabilities(model, batch.input.to(model->device())).contiguous();
  for (size_t i = 0; i < samples.size(); ++i) {
    const Json line = {
        {"ids", samples[i].tokens},
        {"logprobs", log_probabilities(samples[i], batch, scores.const_data_ptr<float>(),
                                       batch.input.sequence.starts[i])}};
    std::cout << dump_json(line) << '\n';
  }
  std::cout.flush();
}

void score(const ScoreOptions& options) {
  const auto subject = open_subject(options.model, options.device, "fp32");
  std::ifstream file;
  if (options.input != "-") {
    file.open(options.input);
    if (!file) throw DataError("{}: cannot be read", options.input);
  }
  std::istream& lines = options.input == "-" ? std::cin : file;
  const std::string name = options.input == "-" ? "stdin" : options.input;
  std::vector<data::Sample> samples;
  int64_t tokens = 0;
  int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto place = fmt::format("{}:{}", name, ++number);
    samples.push_back(read_record(line, place, *subject.tokenizer));
    tokens += static_cast<int64_t>(samples.back().tokens.size());
    if (tokens < kBatchTokens) continue;
    score_samples(samples, subject);
    samples.clear();
    tokens = 0;
  }
  if (!samples.empty()) score_samples(samples, subject);
}

}  // namespace

void add_score(CLI::App& app) {
  auto* command = app.add_subcommand(
      "score",
      "log-probabilities of texts: JSON lines {\"text\", \"image\", \"audio\", \"video\"} "
      "to {\"ids\", \"logprobs\"}, in fp32");
  const auto options = std::make_shared<ScoreOptions>();
  command->add_option("--model", options->model, "run, checkpoint, imported or exported folder")
      ->required();
  command->add_option("FILE", options->input, "the lines; - for standard input")
      ->capture_default_str();
  command->add_option("--device", options->device, "auto, cpu or cuda")->capture_default_str();
  command->callback([options] { score(*options); });
}

}  // namespace reka::commands
