#include "train/telemetry/about.h"

#include <algorithm>
#include <set>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/ranges.h>
#include <torch/headeronly/version.h>

#include "data/shards/manifest.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/log.h"
#include "reka/base/quantity.h"
#include "reka/blocks/init.h"
#include "train/feed.h"
#include "train/telemetry/machine.h"

namespace reka::train {
namespace {

template <typename Value>
Json pairs_to_json(const std::vector<std::pair<std::string, Value>>& pairs) {
  Json json = Json::array();
  for (const auto& [key, value] : pairs) json.push_back({key, value});
  return json;
}

Json source_to_json(const SourceUse& source) {
  return {{"name", source.name},
          {"licence", source.licence},
          {"weights", source.weights},
          {"documents", source.documents},
          {"tokens", source.tokens}};
}

SourceUse source_from_json(const Json& json, const std::string& place) {
  return {.name = json_value<std::string>(json, "name", place),
          .licence = json_value<std::string>(json, "licence", place),
          .weights = json_value<std::vector<int64_t>>(json, "weights", place),
          .documents = json_value<std::array<int64_t, 3>>(json, "documents", place),
          .tokens = json_value<int64_t>(json, "tokens", place)};
}

SourceUse describe_source(const data::LoaderSource& source, size_t num_stages) {
  const auto manifest = data::Manifest::load(source.folder);
  SourceUse use = {.name = source.name, .weights = std::vector<int64_t>(num_stages)};
  const auto index = manifest.find_source(source.name);
  if (index >= 0) use.licence = manifest.sources[static_cast<size_t>(index)].licence;
  for (size_t split = 0; split < use.documents.size(); ++split) {
    use.documents[split] = manifest.counts(source.name, static_cast<data::Split>(split)).samples;
  }
  use.tokens = manifest.counts(source.name, data::Split::kTrain).tokens;
  return use;
}

/// The sources that any stage draws from.
std::vector<SourceUse> describe_sources(const RunConfig& config, const std::vector<Stage>& stages) {
  std::vector<SourceUse> uses;
  for (size_t stage = 0; stage < stages.size(); ++stage) {
    for (const auto& source :
         mixture(config.data.shards, stages[stage].sources, data::Split::kTrain)) {
      auto found = std::find_if(uses.begin(), uses.end(),
                                [&](const auto& use) { return use.name == source.name; });
      if (found == uses.end()) {
        found = uses.insert(found, describe_source(source, stages.size()));
      }
      found->weights[stage] = source.weight;
    }
  }
  return uses;
}

using Findings = std::vector<std::pair<std::string, std::string>>;

/// Adds those whose document is not there yet.
void merge(Findings& into, const Findings& more) {
  std::set<std::string> known;
  for (const auto& [document, finding] : into) known.insert(document);
  for (const auto& entry : more) {
    if (known.insert(entry.first).second) into.push_back(entry);
  }
}

Findings findings(const std::vector<data::Refused>& list) {
  Findings pairs;
  pairs.reserve(list.size());
  for (const auto& [document, finding] : list) pairs.emplace_back(document, finding);
  return pairs;
}

std::string environment_name(const at::Device& device) {
  const auto gpu = device_name(device);
  return device.str() + ", " + (gpu.empty() ? "" : gpu + ", ") + processor_name();
}

}  // namespace

data::LoaderReport gathered(Group& group, data::LoaderReport report) {
  for (auto* list : {&report.quarantined, &report.masked}) {
    const auto mine = pairs_to_json(findings(*list)).dump();
    list->clear();
    for (const auto& text : group.gather_texts(mine)) {
      for (auto& [document, finding] : Json::parse(text).get<Findings>()) {
        list->push_back({std::move(document), std::move(finding)});
      }
    }
  }
  return report;
}

void About::take(const data::LoaderReport& report) {
  rows_per_epoch = report.rows_per_epoch;
  num_refused = std::max(num_refused, report.num_refused);
  merge(refused, findings(report.refused));
  merge(quarantined, findings(report.quarantined));
  merge(masked, findings(report.masked));
}

void About::take(const About& earlier) {
  num_refused = std::max(num_refused, earlier.num_refused);
  merge(refused, earlier.refused);
  merge(quarantined, earlier.quarantined);
  merge(masked, earlier.masked);
}

Json About::to_json() const {
  Json json = {{"name", name},
               {"last_step", last_step},
               {"page_step", page_step},
               {"samples_step", samples_step},
               {"parameters", pairs_to_json(parameters)},
               {"environment", pairs_to_json(environment)},
               {"stages", stages},
               {"rows_per_epoch", rows_per_epoch},
               {"num_refused", num_refused},
               {"refused", pairs_to_json(refused)},
               {"quarantined", pairs_to_json(quarantined)},
               {"masked", pairs_to_json(masked)}};
  auto& list = json["sources"] = Json::array();
  for (const auto& source : sources) list.push_back(source_to_json(source));
  return json;
}

About About::from_json(Json json, const std::string& place) {
  for (const auto* key : {"page_step", "samples_step"}) {  // not in older files
    if (json.is_object()) json.emplace(key, 0);
  }
  if (json.is_object()) json.emplace("masked", Json::array());  // likewise
  using Counts = std::vector<std::pair<std::string, int64_t>>;
  using Texts = std::vector<std::pair<std::string, std::string>>;
  About about = {.name = json_value<std::string>(json, "name", place),
                 .last_step = json_value<int64_t>(json, "last_step", place),
                 .page_step = json_value<int64_t>(json, "page_step", place),
                 .samples_step = json_value<int64_t>(json, "samples_step", place),
                 .parameters = json_value<Counts>(json, "parameters", place),
                 .environment = json_value<Texts>(json, "environment", place),
                 .stages = json_value<std::vector<std::string>>(json, "stages", place),
                 .rows_per_epoch = json_value<int64_t>(json, "rows_per_epoch", place),
                 .num_refused = json_value<int64_t>(json, "num_refused", place),
                 .refused = json_value<Texts>(json, "refused", place),
                 .quarantined = json_value<Texts>(json, "quarantined", place),
                 .masked = json_value<Texts>(json, "masked", place)};
  for (const auto& source : json_value<Json>(json, "sources", place)) {
    about.sources.push_back(source_from_json(source, place));
  }
  return about;
}

About About::load(const std::filesystem::path& folder) {
  const auto path = folder / kFileName;
  if (!std::filesystem::exists(path)) return {};
  try {
    return from_json(parse_json(read_file(path), path.string()), path.string());
  } catch (const DataError& error) {
    warn("{}: what it says was left out is lost", error.what());
    return {};
  }
}

About describe_run(const RunConfig& config, const std::vector<Stage>& stages,
                   const Subject& subject, int64_t world_size) {
  About about = {.name = config.run.name,
                 .last_step = stages.back().end,
                 .parameters = parameters_by_part(*subject.model),
                 .sources = describe_sources(config, stages)};
  for (const auto& stage : stages) about.stages.push_back(stage.name);
  const auto& first = stages.front();
  about.environment = {
      {"device", environment_name(subject.device)},
      {"precision", precision_name(subject.model->precision())},
      {"processes", std::to_string(world_size)},
      {"threads of each", std::to_string(at::get_num_threads())},
      {"LibTorch", TORCH_VERSION},
      {"rows of a step", fmt::format("{} x {} tokens, {} at a time on each rank", first.rows,
                                     first.sequence_length, first.micro_rows)}};
  return about;
}

void tell_start(const RunConfig& config, const std::vector<Stage>& stages, const Subject& subject,
                int64_t world_size) {
  info("{}: {} parameters in {} on {}, {} process{}", config.folder(),
       count_text(static_cast<double>(count_parameters(*subject.model))),
       precision_name(subject.model->precision()), subject.device.str(), world_size,
       world_size == 1 ? "" : "es");
  if (reaches_highest(config.schedule, default_horizon(config.schedule, stages))) return;
  warn("schedule: warm-up and decay are longer than the run: the learning rate stays below {}",
       std::get<AdamWConfig>(config.optimizer).lr);
}

}  // namespace reka::train
