#include "eval/evaluate.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "data/shards/manifest.h"
#include "data/shards/reader.h"
#include "eval/answers.h"
#include "eval/report.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/json.h"
#include "reka/base/log.h"
#include "reka/base/words.h"

namespace reka::eval {
namespace {

using data::Sample;

data::Split split_of(const Choice& choice) {
  return choice == "dev" ? data::Split::kDev : data::Split::kTest;
}

/// Whether the model has room for the media; what has none is told.
bool has_room(const Sample& sample, const Subject& subject) {
  try {
    for (const auto& medium : sample.media) subject.media.length(medium.modality, medium.geometry);
    return true;
  } catch (const Error& error) {
    warn("{}/{}: left out: {}", sample.source, sample.document_id, error.what());
    return false;
  }
}

void read_samples(const EvalConfig& config, const Choice& split, const Subject& subject,
                  const std::function<bool(const Sample&)>& wanted, TaskResult& result,
                  const char* needs = "") {
  data::visit_samples(config.shards, split_of(split), [&](Sample&& sample) {
    if (sample.targets.empty() || !wanted(sample)) return true;
    if (has_room(sample, subject))
      result.samples.push_back(std::move(sample));
    else
      ++result.left_out;
    return true;
  });
  if (result.samples.empty()) {
    throw DataError("{}: {}: no {} sample for this task: must have some{}", config.shards,
                    result.name, split.value, needs);
  }
}

bool is_of(const Sample& sample, const std::string& source, const std::string& language) {
  return sample.source == source && (language.empty() || sample.language == language);
}

void expect_source(const data::Manifest& manifest, const std::string& task, const char* key,
                   const std::string& source) {
  if (manifest.find_source(source) >= 0) return;
  std::vector<std::string> names;
  for (const auto& known : manifest.sources) names.push_back(known.name);
  throw ConfigError("tasks.{}.{} = {}: must be one of {}", task, key, source, join_words(names));
}

void read(const EvalConfig& config, const HeldOutConfig& task, const Subject& subject,
          TaskResult& result) {
  std::map<std::pair<std::string, std::string>, int64_t> tokens;
  const auto wanted = [&](const Sample& sample) {
    const auto& sources = task.sources;
    if (!sources.empty() &&
        std::find(sources.begin(), sources.end(), sample.source) == sources.end()) {
      return false;
    }
    auto& taken = tokens[{sample.source, sample.language}];
    if (taken >= task.tokens_per_group) return false;
    for (const auto& run : sample.targets) taken += run.length;
    return true;
  };
  read_samples(config, task.split, subject, wanted, result);
}

void read(const EvalConfig& config, const ChoiceConfig& task, const Subject& subject,
          TaskResult& result) {
  const auto wanted = [&](const Sample& sample) {
    return is_of(sample, task.source, task.language) && sample.media.size() == 1;
  };
  read_samples(config, task.split, subject, wanted, result, ", with one medium each");
  expect_questions(result.samples, task);
}

void read(const EvalConfig& config, const AnswersConfig& task, const Subject& subject,
          TaskResult& result) {
  const auto wanted = [&](const Sample& sample) {
    return is_of(sample, task.source, task.language);
  };
  read_samples(config, task.split, subject, wanted, result);
}

void expect_sources(const data::Manifest& manifest, const std::string& name,
                    const TaskConfig::variant& task) {
  if (const auto* held_out = std::get_if<HeldOutConfig>(&task)) {
    for (const auto& source : held_out->sources) expect_source(manifest, name, "sources", source);
  } else if (const auto* choice = std::get_if<ChoiceConfig>(&task)) {
    expect_source(manifest, name, "source", choice->source);
  } else {
    expect_source(manifest, name, "source", std::get<AnswersConfig>(task).source);
  }
}

void run(const EvalConfig& config, const HeldOutConfig&, const Subject& subject,
         TaskResult& result) {
  result.result =
      score_held_out(result.samples, make_scorer(subject, config.batch_tokens, result.name));
}

void run(const EvalConfig& config, const ChoiceConfig& task, const Subject& subject,
         TaskResult& result) {
  auto choices =
      choose_texts(result.samples, task, make_scorer(subject, config.batch_tokens, result.name));
  for (const auto& sample : result.samples) {
    const auto begin = static_cast<size_t>(sample.targets.front().begin);
    choices.texts.push_back(plain_text(subject, std::span(sample.tokens).subspan(begin)));
  }
  result.result = std::move(choices);
}

void run(const EvalConfig&, const AnswersConfig& task, const Subject& subject, TaskResult& result) {
  result.result = AnswersResult{answer_samples(result.samples, task, subject)};
}

}  // namespace

std::vector<TaskResult> evaluate(EvalConfig config, const Subject& subject) {
  if (data::is_url(config.shards)) config.shards = data::local_folder(config.shards, config.cache);
  const auto manifest = data::Manifest::load(config.shards);
  manifest.expect_tokenizer(subject.tokenizer->fingerprint(), config.shards);
  for (const auto& [name, task] : config.tasks) expect_sources(manifest, name, task);
  std::vector<TaskResult> results;
  const auto each = [&](const auto& use) {  // of the tasks, with its result
    auto result = results.begin();
    for (const auto& [name, task] : config.tasks) {
      std::visit([&](const auto& choice) { use(choice, *result); },
                 static_cast<const TaskConfig::variant&>(task));
      ++result;
    }
  };
  for (const auto& [name, task] : config.tasks) results.push_back({.name = name});
  each([&](const auto& task, TaskResult& result) { read(config, task, subject, result); });
  each([&](const auto& task, TaskResult& result) {
    info("eval: {}", result.name);
    run(config, task, subject, result);
  });
  return results;
}

void write_results(const EvalConfig& config, const Subject& subject,
                   const std::vector<TaskResult>& results) {
  const std::filesystem::path folder(config.folder());
  const Json json = {
      {"model", subject.origin}, {"shards", config.shards}, {"tasks", to_json(results)}};
  std::filesystem::create_directories(folder);
  write_file_atomic(folder / "results.json", json.dump(2) + "\n");
  make_page(config.model, fmt::format("{} on held-out data of {}", subject.origin, config.shards),
            results)
      .save(folder / "report.html");
}

}  // namespace reka::eval
