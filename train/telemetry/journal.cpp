#include "train/telemetry/journal.h"

#include <cmath>

#include <fmt/ranges.h>

#include "reka/base/hash.h"
#include "reka/base/log.h"
#include "reka/base/quantity.h"

namespace reka::train {
namespace {

Json sum_to_json(const LossSum& sum) {
  Json json = {{"loss", sum.mean()}, {"targets", sum.weight}};
  if (sum.bytes > 0) json["bits_per_byte"] = sum.bits_per_byte();
  return json;
}

/// A mean over nothing is no number.
std::string loss_text(const Json& sums) {
  if (sums["targets"] == 0) return "no targets";
  return fmt::format("loss {:.4f}", sums["loss"].get<double>());
}

Json entry_to_json(StepEntry& entry, const std::vector<std::string>& languages) {
  const auto seconds = std::max(entry.seconds, 1e-9);
  Json json = {{"step", entry.step}};
  json.update(losses_to_json(entry.losses, languages));
  json.update({{"lr", entry.lr},
               {"grad_norm", entry.gradient_norm},
               {"tokens", entry.tokens},
               {"padding", entry.padding},
               {"seconds", entry.seconds},
               {"data_seconds", entry.data_seconds},
               {"tokens_per_second", static_cast<double>(entry.step_tokens) / seconds},
               {"stage", entry.stage},
               {"order_hash", hex(entry.order_hash)},
               {"memory_bytes", entry.memory_bytes}});
  if (!entry.applied) json["skipped"] = true;
  if (entry.masked > 0) json["masked"] = entry.masked;
  if (!entry.deal.rows.empty()) {
    json.update(
        {{"cost_spread", entry.deal.spread}, {"cost_spread_in_turn", entry.deal.spread_in_turn}});
  }
  if (entry.peak_share > 0) json["peak_share"] = entry.peak_share;
  if (entry.save_seconds > 0) json["save_seconds"] = entry.save_seconds;
  return json;
}

}  // namespace

Json losses_to_json(LossTable& table, const std::vector<std::string>& languages) {
  auto json = sum_to_json(table.all());
  auto& modalities = json["by_modality"] = Json::object();
  for (size_t i = 0; i < kModalityNames.size(); ++i) {
    const auto sum = table.modality(static_cast<Modality>(i));
    if (sum.weight > 0) modalities[std::string(kModalityNames[i])] = sum_to_json(sum);
  }
  auto& by_language = json["by_language"] = Json::object();
  for (size_t i = 0; i < languages.size(); ++i) {
    const auto sum = table.language(i);
    if (sum.weight > 0) by_language[languages[i]] = sum_to_json(sum);
  }
  return json;
}

bool StepEntry::has_diverged() {
  if (!applied) return losses.all().weight > 0;
  return held_out && !std::isfinite(held_out->all().nats);
}

std::string held_out_line(const Json& losses) {
  std::vector<std::string> parts;
  for (const auto& [name, part] : losses["by_modality"].items()) {
    parts.push_back(fmt::format("{} {:.4f}", name, std::fabs(part["loss"].get<double>())));
  }
  auto line = fmt::format("held out: {:.4f} nats per token ({})",
                          std::fabs(losses["loss"].get<double>()), fmt::join(parts, ", "));
  if (losses.contains("bits_per_byte")) {
    line += fmt::format("; {:.3f} bits per byte", losses["bits_per_byte"].get<double>());
  }
  return line;
}

LogOfSome::LogOfSome(std::filesystem::path path, std::string key, int64_t last_step)
    : path_(std::move(path)), key_(std::move(key)) {
  if (std::filesystem::exists(path_)) log_.emplace(path_, last_step);
}

template <typename Sample>
void LogOfSome::write(int64_t step, const std::vector<Sample>& samples) {
  if (samples.empty()) return;
  if (!log_) log_.emplace(path_, step);
  Json json = {{"step", step}, {key_, Json::array()}};
  for (const auto& sample : samples) json[key_].push_back(sample.to_json());
  log_->write(json);
}

Journal::Journal(const std::filesystem::path& folder, int64_t last_step, int64_t line_every)
    : log_(folder / "log.jsonl", last_step),
      quarantine_(folder / "quarantine.jsonl", "quarantined", last_step),
      masked_(folder / kMaskedName, "masked", last_step),
      events_(folder / "events", last_step + 1),
      line_every_(line_every) {
  for (const auto& entry : read_step_log(folder / kMaskedName))
    for (const auto& sample : entry["masked"]) masked_documents_.insert(sample["document"]);
  if (log_.missing().empty()) return;
  warn("{}: lacks steps {}: the report's curves and sums are without them",
       (folder / "log.jsonl").string(), fmt::join(log_.missing(), ", "));
}

void Journal::set_languages(std::vector<std::string> training, std::vector<std::string> held_out) {
  languages_ = std::move(training);
  held_out_languages_ = std::move(held_out);
}

void Journal::write(StepEntry& entry) {
  auto json = entry_to_json(entry, languages_);
  if (entry.held_out) json["held_out"] = losses_to_json(*entry.held_out, held_out_languages_);
  log_.write(json);
  quarantine_.write(entry.step, entry.found.damaged);
  write_masked(entry);
  write_events(entry, json);
  seconds_ += entry.seconds;
  ++steps_;
  const bool due = entry.step % line_every_ == 0 || entry.step == entry.last_step || steps_ == 1;
  if (due || entry.held_out || !entry.applied) print(entry, json);
}

/// Each document once, also over the parts of a resumed run.
void Journal::write_masked(StepEntry& entry) {
  const bool first = masked_documents_.empty();
  std::erase_if(entry.found.masked, [&](const auto& sample) {
    return !masked_documents_.insert(sample.document).second;
  });
  masked_.write(entry.step, entry.found.masked);
  if (!first || entry.found.masked.empty()) return;
  const auto& [document, finding] = entry.found.masked.front();
  warn("{}: masked, has what is in {}; such documents stand in {}", document, finding, kMaskedName);
}

void Journal::write_events(const StepEntry& entry, const Json& json) {
  events_.scalar("loss/train", entry.step, json["loss"].get<double>());
  events_.scalar("optimizer/lr", entry.step, entry.lr);
  events_.scalar("optimizer/grad_norm", entry.step, entry.gradient_norm);
  events_.scalar("speed/tokens_per_second", entry.step, json["tokens_per_second"].get<double>());
  events_.scalar("speed/peak_share", entry.step, entry.peak_share);
  events_.scalar("speed/data_seconds", entry.step, entry.data_seconds);
  if (entry.held_out) write_held_out_events(entry.step, json["held_out"]);
  events_.flush();
}

void Journal::write_held_out_events(int64_t step, const Json& held_out) {
  events_.scalar("loss/held_out", step, held_out["loss"].get<double>());
  for (const auto* group : {"by_modality", "by_language"}) {
    for (const auto& [name, part] : held_out[group].items()) {
      const auto* key = part.contains("bits_per_byte") ? "bits_per_byte" : "loss";
      events_.scalar(fmt::format("held_out_{}/{}", key, name), step, part[key].get<double>());
    }
  }
}

void Journal::add_held_out(StepEntry& entry) {
  const auto held_out = losses_to_json(*entry.held_out, held_out_languages_);
  log_.amend({{"step", entry.step}, {"tokens", entry.tokens}, {"held_out", held_out}});
  write_held_out_events(entry.step, held_out);
  events_.flush();
  info("{}", held_out_line(held_out));
}

void Journal::print(const StepEntry& entry, const Json& json) {
  const auto left =
      static_cast<double>(entry.last_step - entry.step) * seconds_ / static_cast<double>(steps_);
  auto line = fmt::format("step {}/{}  {}  lr {:.2e}  norm {:.2f}  {} tokens/s", entry.step,
                          entry.last_step, loss_text(json), entry.lr, entry.gradient_norm,
                          count_text(json["tokens_per_second"].get<double>()));
  if (entry.peak_share > 0) line += fmt::format("  {:.0f} % of peak", 100 * entry.peak_share);
  line += fmt::format("  data {:.1f} %", 100 * entry.data_seconds / std::max(entry.seconds, 1e-9));
  if (entry.step < entry.last_step) line += fmt::format("  {} left", seconds_text(left));
  info("{}", line);
  if (!entry.applied) {
    warn("step {}: {} targets, gradient norm {}: the step is skipped", entry.step,
         json["targets"].get<double>(), entry.gradient_norm);
  }
  if (entry.held_out) info("{}", held_out_line(json["held_out"]));
}

}  // namespace reka::train
