#include "train/resume.h"

#include <algorithm>
#include <iterator>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/log.h"
#include "reka/weights/checkpoint.h"
#include "train/checkpoint/reader.h"
#include "train/feed.h"
#include "train/telemetry/about.h"
#include "train/telemetry/step_log.h"

namespace reka::train {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNotGiven = "not given";
constexpr double kTellingRise = 1.5;  // no schedule rises behind its warm-up

struct KeyValue {
  std::string key, value;
};

/// The scalars below a value; lists of scalars are one.
void list_values(const YamlNode& node, const std::string& path, std::vector<KeyValue>& values) {
  if (node.is(YamlNode::Kind::kMapping)) {
    for (size_t n = 0; n < node.keys.size(); ++n) {
      list_values(node.items[n], join_key(path, node.keys[n]), values);
    }
  } else if (node.is(YamlNode::Kind::kList)) {
    std::string text;
    for (const auto& item : node.items) text += (text.empty() ? "" : ", ") + item.text;
    values.push_back({path, "[" + text + "]"});
  } else {
    values.push_back({path, node.is(YamlNode::Kind::kNull) ? kNotGiven : node.text});
  }
}

std::string value_of(const std::vector<KeyValue>& values, const std::string& key) {
  const auto found = std::ranges::find(values, key, &KeyValue::key);
  return found == values.end() ? kNotGiven : found->value;
}

/// The same matrices, cut into other heads, are another model.
bool recasts_weights(const std::string& key) {
  return key.starts_with("model.") && (key.ends_with(".num_heads") || key.ends_with("_kv_heads"));
}

/// Sizes that the weights do not know, and change nothing of what they compute.
bool is_only_size(const std::string& key) {
  return key.ends_with(".context") || key.ends_with(".vocab_multiple");
}

}  // namespace

fs::path find_checkpoint(const fs::path& folder, Group& group) {
  std::string found;
  if (group.first()) {
    const auto place = last_good_checkpoint(folder / "checkpoints", CheckpointUse::kTraining);
    if (place) found = place->path.string();
  }
  return group.share(found);
}

std::vector<ChangedKey> changed_keys(const YamlNode& now, const YamlNode& before) {
  std::vector<KeyValue> values, old_values;
  list_values(now, "", values);
  list_values(before, "", old_values);
  for (const auto& old : old_values) {  // of a source or a stage that is gone
    const bool gone = std::ranges::find(values, old.key, &KeyValue::key) == values.end();
    if (gone) values.push_back({old.key, kNotGiven});
  }
  std::vector<ChangedKey> changes;
  for (const auto& [key, value] : values) {
    auto old = value_of(old_values, key);
    if (value.empty() && old == kNotGiven) continue;  // a default of what has come
    if (value != old) changes.push_back({key, value, std::move(old)});
  }
  return changes;
}

std::vector<ChangedKey> tell_changes(const Resolved<RunConfig>& now, const fs::path& checkpoint) {
  const auto file = checkpoint / "config.yaml";
  Resolved<RunConfig> before;
  try {
    before = load_config<RunConfig>(file);
  } catch (const ConfigError& error) {
    warn("{}: cannot be compared with the settings of now: {}", file.string(),
         std::string_view(error.what()).substr(0, std::string_view(error.what()).find('\n')));
    return {};
  }
  auto changes = changed_keys(now.tree, before.tree);
  for (const auto& [key, value, old] : changes) {
    if (recasts_weights(key)) {
      throw ConfigError("{} = {}: must be {} as in {}", placed(now.tree, key), value, old,
                        checkpoint.string());
    }
    info("resume: {} = {} (before: {})", key, value, old);
  }
  return changes;
}

void tell_init_changes(const RunConfig& config, const ModelFolder& weights) {
  const auto& origin = config.init_from;
  auto ours = config, theirs = config;
  theirs.model = weights.config;
  const auto now_tree = resolve_config(struct_value(ours), {});
  for (const auto& [key, now, before] :
       changed_keys(now_tree, resolve_config(struct_value(theirs), {}))) {
    if (now == kNotGiven || before == kNotGiven || is_only_size(key)) continue;
    if (recasts_weights(key))
      throw ConfigError("{} = {}: must be {}, as in init_from = {}", key, now, before, origin);
    warn("{} = {}: the weights of init_from = {} were trained with {}", key, now, origin, before);
  }
}

TrainState load_resumed(const fs::path& checkpoint, Subject& subject,
                        const std::vector<ChangedKey>& changes) {
  try {
    return load_checkpoint(checkpoint, *subject.parameters, subject.frozen);
  } catch (const CheckpointError& error) {
    std::string keys;
    for (const auto& [key, now, before] : changes) {
      if (key.starts_with("model.") || key == "train.freeze")
        keys += fmt::format("{}{} = {} (before: {})", keys.empty() ? "" : ", ", key, now, before);
    }
    if (keys.empty()) throw;
    throw CheckpointError("{}; changed since: {}", error.what(), keys);
  }
}

void keep_resumed(const fs::path& run, const fs::path& checkpoint) {
  const auto step = CheckpointManifest::load(checkpoint).step;
  for (const auto& place : list_checkpoints(run / kResumedFolder)) {
    if (place.step > step) fs::remove_all(place.path);
  }
  const auto folder = run / kResumedFolder / fmt::format("step-{}", step);
  const auto made = fs::exists(folder) ? folder : run / kResumedFolder / "made";
  fs::create_directories(made);
  for (const auto* name : {"config.yaml", "state.json"})
    write_file_atomic(made / name, read_file(checkpoint / name));
  if (made != folder) fs::rename(made, folder);
}

std::vector<CheckpointPlace> known_states(const fs::path& run) {
  auto places = list_checkpoints(run / "checkpoints");
  for (const auto& place : places) CheckpointManifest::load(place.path);
  std::ranges::move(list_checkpoints(run / kResumedFolder), std::back_inserter(places));
  std::ranges::stable_sort(places, {}, &CheckpointPlace::step);
  const auto is_same = [](const auto& a, const auto& b) { return a.step == b.step; };
  places.erase(std::unique(places.begin(), places.end(), is_same), places.end());
  return places;
}

bool lacks_held_out(const RunConfig& config, const std::vector<Stage>& stages, int64_t step) {
  return config.evaluate.every > 0 && !all_sources(config, stages, data::Split::kDev).empty() &&
         !step_entry(fs::path(config.folder()) / "log.jsonl", step).contains("held_out");
}

std::string raised_learning_rate(const RunConfig& config, const TrainState& state, double next) {
  const auto& schedule = lengths(config.schedule);
  const auto position = schedule.unit == "tokens" ? state.tokens : state.step;
  const auto entry = step_entry(fs::path(config.folder()) / "log.jsonl", state.step);
  if (position < schedule.warmup || !entry.contains("lr") || !entry["lr"].is_number()) return "";
  const auto before = entry["lr"].get<double>();
  if (next <= kTellingRise * before) return "";
  return fmt::format(
      "the learning rate rises from {:.2e} at step {} to {:.2e}: the schedule that had "
      "ended or decayed is now a longer or higher one; schedule.horizon keeps its end",
      before, state.step, next);
}

bool is_complete(const RunConfig& config, const std::vector<Stage>& stages, int64_t step,
                 bool wants_samples, Group& group) {
  const auto last_step = stages.back().end;
  if (step < last_step) return false;
  const fs::path folder = config.folder();
  bool held_out = false, page = false;  // lacks
  if (step == last_step && group.first()) {
    held_out = lacks_held_out(config, stages, step);
    const auto about = About::load(folder);
    page = !fs::exists(folder / "report.html") || about.page_step != step ||
           (wants_samples && about.samples_step != step);
  }
  held_out = group.any(held_out);
  page = group.any(page);
  if (!held_out && !page) {
    info("{}: complete: {} steps are done; more: train.steps=N", folder.string(), step);
    return true;
  }
  info("{}: {} steps are done; made up for now: {}report.html", folder.string(), step,
       held_out ? "held-out loss, " : "");
  return false;
}

}  // namespace reka::train
