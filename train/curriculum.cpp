#include "train/curriculum.h"

#include <algorithm>

#include "reka/base/error.h"

namespace reka::train {
namespace {

constexpr const char* kSequenceLength = "data.sequence_length";

Table<MixtureSource> changed(Table<MixtureSource> sources, const Table<MixtureSource>& changes) {
  for (const auto& named : changes) {
    const auto& change = named.second;
    const auto found = std::find_if(sources.begin(), sources.end(),
                                    [&](const auto& entry) { return entry.first == named.first; });
    if (found == sources.end()) {
      sources.push_back(named);
      continue;
    }
    if (change.weight) found->second.weight = change.weight;
    if (change.repeat) found->second.repeat = change.repeat;
    if (!change.shards.empty()) found->second.shards = change.shards;
  }
  return sources;
}

Stage plan_stage(const RunConfig& config, const std::string& name, const StageConfig& from) {
  Stage stage = {.name = name,
                 .sequence_length = from.sequence_length.value_or(config.data.sequence_length),
                 .rows = from.rows.value_or(config.batch.rows),
                 .sources = changed(config.data.sources, from.sources),
                 .objective = from.objective.value_or(config.data.objective)};
  const auto tokens = from.tokens.value_or(0);
  const auto per_step = stage.step_tokens();
  stage.end = from.steps ? *from.steps : (tokens + per_step - 1) / per_step;
  return stage;
}

void expect_context(const Stage& stage, const Resolved<RunConfig>& resolved,
                    const std::string& key) {
  const auto context = resolved.config.model.decoder.context;
  if (stage.sequence_length <= context) return;
  throw ConfigError("{} = {}: must be at most model.decoder.context = {}",
                    placed(resolved.tree, key), stage.sequence_length, context);
}

void divide_rows(Stage& stage, const Resolved<RunConfig>& resolved, int64_t world_size,
                 const std::string& key) {
  if (stage.rows % world_size != 0) {
    throw ConfigError("{} = {}: must be a multiple of the {} processes", placed(resolved.tree, key),
                      stage.rows, world_size);
  }
  const auto rank_rows = stage.rows / world_size;
  stage.micro_rows = resolved.config.batch.micro_rows.value_or(rank_rows);
  if (rank_rows % stage.micro_rows != 0) {
    throw ConfigError("{} = {}: must divide the {} rows of a rank ({} = {} over {})",
                      placed(resolved.tree, "batch.micro_rows"), stage.micro_rows, rank_rows, key,
                      stage.rows, world_size);
  }
}

/// The value itself, or the first below it that was given; null where all are defaults.
const YamlNode* given_part(const YamlNode& node) {
  if (node.origin.name != Origin().name) return &node;
  for (const auto& item : node.items) {
    if (const auto* given = given_part(item)) return given;
  }
  return nullptr;
}

}  // namespace

std::string placed(const YamlNode& tree, std::string_view key) {
  const auto* node = &tree;
  for (auto rest = key; node != nullptr && !rest.empty();) {
    const auto dot = rest.find('.');
    node = node->find(rest.substr(0, dot));
    rest.remove_prefix(dot == rest.npos ? rest.size() : dot + 1);
  }
  const auto* given = node == nullptr ? nullptr : given_part(*node);
  return (given == nullptr ? "" : given->origin.text() + ": ") + std::string(key);
}

std::vector<Stage> plan_stages(const Resolved<RunConfig>& resolved, int64_t world_size) {
  const auto& config = resolved.config;
  std::vector<Stage> stages;
  for (const auto& [name, from] : config.stages) {
    stages.push_back(plan_stage(config, name, from));
    const auto key = from.rows ? "stages." + name + ".rows" : std::string("batch.rows");
    divide_rows(stages.back(), resolved, world_size, key);
    expect_context(stages.back(), resolved,
                   from.sequence_length ? "stages." + name + ".sequence_length"
                                        : std::string(kSequenceLength));
  }
  if (stages.empty()) {
    StageConfig whole;
    whole.steps = config.train.steps;
    stages.push_back(plan_stage(config, "train", whole));
    divide_rows(stages.back(), resolved, world_size, "batch.rows");
    expect_context(stages.back(), resolved, kSequenceLength);
  }
  for (size_t i = 1; i < stages.size(); ++i) {
    stages[i].begin = stages[i - 1].end;
    stages[i].end += stages[i].begin;
  }
  const auto total = config.train.steps.value_or(stages.back().end);
  stages.back().end = std::max(stages.back().end, total);
  std::erase_if(stages, [&](const Stage& stage) { return stage.begin >= total; });
  stages.back().end = std::min(stages.back().end, total);
  return stages;
}

size_t stage_of(const std::vector<Stage>& stages, int64_t step) {
  size_t index = 0;
  while (index + 1 < stages.size() && step >= stages[index].end) ++index;
  return index;
}

int64_t tokens_before(const std::vector<Stage>& stages, int64_t steps) {
  int64_t tokens = 0;
  for (const auto& stage : stages) {
    const auto end = &stage == &stages.back() ? steps : std::min(steps, stage.end);
    tokens += std::max<int64_t>(0, end - stage.begin) * stage.step_tokens();
  }
  return tokens;
}

int64_t default_horizon(const ScheduleConfig& schedule, const std::vector<Stage>& stages) {
  const auto last = stages.back().end;
  return lengths(schedule).unit == "tokens" ? tokens_before(stages, last) : last;
}

}  // namespace reka::train
