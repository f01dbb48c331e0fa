#include "data/corpus/media_quality.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "data/corpus/normalize.h"
#include "data/media/measure.h"
#include "reka/base/error.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

constexpr std::array<double, 7> kPercentiles = {0, 1, 10, 50, 90, 99, 100};
constexpr double kMostSampled = 1e6;  // documents whose measures are kept for the percentiles

bool is_decoded(const MediaQualityConfig& config) {
  return config.measure || config.min_side || config.max_aspect || config.min_blur ||
         config.min_seconds || config.max_seconds || config.max_scene_cuts ||
         config.min_difference || config.min_loudness || config.max_silence;
}

int64_t caption_characters(const Document& document) {
  int64_t characters = 0;
  for (const auto& part : document.parts) {
    if (part.kind == Part::Kind::kText) characters += count_characters(part.text);
  }
  return characters;
}

std::string number_of(float value) {
  return std::isfinite(value) ? fmt::format("{:.4g}", value) : "-inf";
}

}  // namespace

MediaQuality::MediaQuality(const MediaQualityConfig& config)
    : config_(config), values_(media_measures().size()) {
  add_rule("min_side", "width", config.min_side);
  add_rule("min_side", "height", config.min_side);
  add_rule("max_aspect", "aspect", config.max_aspect);
  add_rule("min_blur", "blur", config.min_blur);
  add_rule("min_seconds", "seconds", config.min_seconds);
  add_rule("max_seconds", "seconds", config.max_seconds);
  add_rule("max_scene_cuts", "scene_cuts", config.max_scene_cuts);
  add_rule("min_difference", "difference", config.min_difference);
  add_rule("min_loudness", "loudness", config.min_loudness);
  add_rule("max_silence", "silence", config.max_silence);
}

void MediaQuality::add_rule(const std::string& name, std::string_view measure,
                            const std::optional<double>& limit) {
  if (limit) rules_.push_back({name, media_measure(measure), name.starts_with("min_"), *limit});
}

MediaQuality::Found MediaQuality::look_at(const Document& document) const {
  Found found;
  if (document.media.empty()) return found;
  if (config_.min_caption_characters &&
      caption_characters(document) < *config_.min_caption_characters) {
    found.broken = "min_caption_characters";
    return found;
  }
  if (!is_decoded(config_)) return found;
  for (const auto& medium : document.media) {
    try {
      found.values.push_back(measure_media(medium));
    } catch (const DataError&) {
      found.broken = "decodable";
      return found;
    }
    for (const auto& rule : rules_) {
      const auto value = found.values.back()[rule.measure];
      const bool breaks = rule.at_least ? value < rule.limit : value > rule.limit;  // never for NaN
      if (breaks && found.broken.empty()) found.broken = rule.name;
    }
  }
  return found;
}

void MediaQuality::run(Selection& selection) {
  if (!is_decoded(config_) && !config_.min_caption_characters) return;
  const auto& marks = selection.corpus().marks;
  const auto rate = kMostSampled / static_cast<double>(std::max<size_t>(marks.size(), 1));
  std::vector<std::pair<size_t, std::string>> broken;
  selection.visit<Found>(
      "measuring media", [&](size_t, Document&& document) { return look_at(document); },
      [&](size_t number, Found&& found) {
        if (!found.broken.empty()) broken.emplace_back(number, std::move(found.broken));
        if (uniform(mix64(marks[number].content.low, 0)) >= rate) return;
        for (const auto& values : found.values) {
          for (size_t n = 0; n < values.size(); ++n) {
            if (!std::isnan(values[n])) values_[n].push_back(values[n]);
          }
        }
      });
  for (auto& values : values_) std::sort(values.begin(), values.end());
  for (const auto& [number, rule] : broken) {
    selection.drop(number, {.kind = Fate::Kind::kRule, .of = "media " + rule});
  }
}

std::vector<float> MediaQuality::percentiles(size_t measure) const {
  std::vector<float> found;
  const auto& values = values_[measure];
  for (const auto percent : kPercentiles) {
    const auto at = std::llround(percent / 100 * static_cast<double>(values.size() - 1));
    found.push_back(values[static_cast<size_t>(at)]);
  }
  return found;
}

Json MediaQuality::json() const {
  Json measures = Json::object();
  for (size_t n = 0; n < values_.size(); ++n) {
    if (values_[n].empty()) continue;
    const auto& measure = media_measures()[n];
    Json quantiles = Json::object();
    const auto found = percentiles(n);
    for (size_t p = 0; p < found.size(); ++p) {
      const auto value = std::isfinite(found[p]) ? Json(found[p]) : Json(nullptr);
      quantiles[fmt::format("{:g}", kPercentiles[p])] = value;
    }
    measures[std::string(measure.name)] = {{"version", measure.version},
                                           {"meaning", measure.meaning},
                                           {"media", values_[n].size()},
                                           {"percentiles", quantiles}};
  }
  return measures.empty() ? Json(nullptr) : measures;
}

void MediaQuality::show(Page& page) const {
  PageTable table;
  table.columns = {"measure", "media"};
  for (const auto percent : kPercentiles) table.columns.push_back(fmt::format("{:g} %", percent));
  table.columns.emplace_back("meaning");
  for (size_t n = 0; n < values_.size(); ++n) {
    if (values_[n].empty()) continue;
    std::vector<std::string> cells = {std::string(media_measures()[n].name),
                                      std::to_string(values_[n].size())};
    for (const auto value : percentiles(n)) cells.push_back(number_of(value));
    cells.emplace_back(media_measures()[n].meaning);
    table.rows.push_back(std::move(cells));
  }
  if (table.rows.empty()) return;
  page.heading("Media");
  page.table(table);
}

}  // namespace reka::data
