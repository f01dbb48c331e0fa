#include "reka/model/score.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "data/batch/row.h"
#include "data/corpus/record.h"
#include "reka/base/error.h"
#include "reka/base/json.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/prompt.h"
#include "scripts/commands/subject.h"

namespace reka::commands {
namespace {

constexpr int64_t kBatchTokens = 4096;

struct ScoreOptions {
  std::string model;
  std::string input = "-";
  std::string device = "auto";
};

/// A line of input: its media, then its text, without an end.
data::Sample read_record(simdjson::dom::parser& parser, const std::string& line,
                         const std::string& place, const std::filesystem::path& folder,
                         const eval::Subject& subject) {
  try {
    data::Document document;
    document.id = place;
    const auto record = data::parse_record(parser, line);
    data::expect_known_keys(record, data::record_keys());
    data::add_record(record, {folder}, document);
    auto sample = open_sample(std::move(document), *subject.tokenizer);
    for (const auto& medium : sample.media) subject.media.length(medium.modality, medium.geometry);
    return sample;
  } catch (const DataError& error) {
    throw DataError("{}: {}", place, error.what());
  }
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
      expect_finite(scores[++place]);
      values[static_cast<size_t>(token)] = scores[place];
    }
  }
  return values;
}

void score_samples(std::span<const data::Sample> samples, const eval::Subject& subject,
                   const data::Expander& expander) {
  auto model = subject.model;
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

/// Scores lines about kBatchTokens at a time. Lines before a wrong one have their results.
class LineScorer {
 public:
  LineScorer(const eval::Subject& subject, std::string name, std::filesystem::path folder)
      : subject_(subject),
        expander_(subject.tokenizer, subject.media.length),
        name_(std::move(name)),
        folder_(std::move(folder)) {}

  void run(std::istream& lines) {
    try {
      for (std::string line; std::getline(lines, line);) add(line);
    } catch (const DataError&) {
      flush();
      throw;
    }
    flush();
  }

 private:
  void add(const std::string& line) {
    ++number_;
    if (line.find_first_not_of(" \t\r") == line.npos) return;  // as in a corpus
    const auto place = fmt::format("{}:{}", name_, number_);
    auto sample = read_record(parser_, line, place, folder_, subject_);
    const auto length = data::expanded_length(sample, expander_);
    const auto context = subject_.model->config().decoder.context;
    if (length > context)
      throw DataError("{}: {} tokens: must be at most {}, the model's context", place, length,
                      context);
    waiting_.push_back(std::move(sample));
    tokens_ += static_cast<int64_t>(waiting_.back().tokens.size());
    if (tokens_ >= kBatchTokens) flush();
  }

  void flush() {
    const auto samples = std::exchange(waiting_, {});
    tokens_ = 0;
    std::span<const data::Sample> rest(samples);
    while (!rest.empty()) {
      const auto count = data::samples_that_fit(rest, expander_, kBatchTokens);
      score_together(rest.first(count));
      rest = rest.subspan(count);
    }
  }

  // One by one where together they fail: the error is of one of them.
  void score_together(std::span<const data::Sample> samples) {
    try {
      score_samples(samples, subject_, expander_);
    } catch (const DataError&) {
      for (const auto& sample : samples) score_samples({&sample, 1}, subject_, expander_);
    }
  }

  const eval::Subject& subject_;
  data::Expander expander_;
  std::string name_;
  std::filesystem::path folder_;
  simdjson::dom::parser parser_;
  std::vector<data::Sample> waiting_;
  int64_t number_ = 0;
  int64_t tokens_ = 0;  // waiting, media not counted
};

void score(const ScoreOptions& options) {
  const auto subject = open_subject(options.model, options.device, "fp32");
  if (options.input == "-") return LineScorer(subject, "stdin", "").run(std::cin);
  if (std::filesystem::is_directory(options.input))
    throw DataError("{}: is a folder: must be a file", options.input);
  std::ifstream file(options.input);
  if (!file) throw DataError("{}: cannot be read", options.input);
  LineScorer(subject, options.input, std::filesystem::path(options.input).parent_path()).run(file);
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
  command
      ->add_option("FILE", options->input,
                   "the lines, beside which relative paths of media start; - for standard input")
      ->capture_default_str();
  command->add_option("--device", options->device, "auto, cpu or cuda")->capture_default_str();
  command->callback([options] { score(*options); });
}

}  // namespace reka::commands
