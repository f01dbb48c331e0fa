#include "train/telemetry/report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/chrono.h>
#include <fmt/ranges.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/quantity.h"

namespace reka::train {
namespace {

constexpr size_t kLanguageCurves = 8;
constexpr size_t kRecentSteps = 10;  // of the loss on the first card
constexpr size_t kNamedSamples = 20;

double total(const About& about) {
  double sum = 0;
  for (const auto& [part, count] : about.parameters) sum += static_cast<double>(count);
  return sum;
}

/// "bits_per_byte", or "loss" where the bytes of the targets are unknown.
std::string held_out_key(const History& history) {
  const auto& losses = history.held_out().back().losses;
  return losses.contains("bits_per_byte") ? "bits_per_byte" : "loss";
}

std::string key_words(const std::string& key) {
  return key == "loss" ? "nats per token" : "bits per byte";
}

double number_in(const Json& json, std::string_view key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  const bool given = found != json.end() && found->is_number();
  return given ? found->get<double>() : std::numeric_limits<double>::quiet_NaN();
}

/// Modalities or languages of the last evaluation, those with the most targets first.
std::vector<std::string> largest_parts(const History& history, const char* group) {
  const auto& losses = history.held_out().back().losses;
  std::vector<std::pair<double, std::string>> sizes;
  for (const auto& [name, part] : losses.at(group).items()) {
    sizes.emplace_back(-number_in(part, "targets"), name);
  }
  std::stable_sort(sizes.begin(), sizes.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  names.reserve(sizes.size());
  for (const auto& [size, name] : sizes) names.push_back(name);
  return names;
}

void add_result_cards(std::vector<Card>& cards, const About& about, const History& history) {
  const auto recent = std::min(kRecentSteps, history.column("loss").size());
  cards.push_back({"training loss",
                   fmt::format("{:.3f}", recent_mean(history.column("loss"), recent)),
                   fmt::format("mean of the last {} steps", recent)});
  if (!history.held_out().empty()) {
    const auto& last = history.held_out().back();
    const auto key = held_out_key(history);
    cards.push_back({"held out", fmt::format("{:.3f}", number_in(last.losses, key)),
                     fmt::format("{}, step {:.0f}", key_words(key), last.step)});
  }
  const auto step = history.column("step").back();
  auto steps = history.skipped() > 0 ? fmt::format(", {} skipped", history.skipped()) : "";
  cards.push_back({"steps", fmt::format("{:.0f}", step),
                   about.last_step > 0 ? fmt::format("of {}{}", about.last_step, steps) : steps});
  const auto tokens = history.column("tokens").back();
  cards.push_back({"tokens", count_text(tokens),
                   percent_text(sum_of(history.column("padding")) / tokens) + " padding"});
}

void add_cost_cards(std::vector<Card>& cards, const About& about, const History& history) {
  const auto seconds = sum_of(history.column("seconds"));
  cards.push_back({"time in steps", seconds_text(seconds),
                   seconds_text(median_of(history.column("seconds"))) + " each, median"});
  cards.push_back(
      {"speed", count_text(median_of(history.column("tokens_per_second"))), "tokens/s, median"});
  if (const auto share = median_of(history.column("peak_share")); share > 0) {
    cards.push_back({"of the matmul peak", fmt::format("{:.0f} %", 100 * share), "median"});
  }
  cards.push_back({"waited for data",
                   percent_text(sum_of(history.column("data_seconds")) / seconds), "of the time"});
  if (const auto spread = recent_mean(history.column("cost_spread"), kRecentSteps); spread > 0) {
    const auto in_turn = recent_mean(history.column("cost_spread_in_turn"), kRecentSteps);
    cards.push_back({"cost of the dearest rank", fmt::format("{:.2f} x", spread),
                     fmt::format("the mean; {:.2f} x had rows been dealt in turn", in_turn)});
  }
  cards.push_back({"peak memory", bytes_text(largest_of(history.column("memory_bytes"))), ""});
  if (about.parameters.empty()) return;
  std::vector<std::string> parts;
  for (const auto& [part, count] : about.parameters) {
    parts.push_back(fmt::format("{} {}", part, count_text(static_cast<double>(count))));
  }
  cards.push_back(
      {"parameters", count_text(total(about)), fmt::format("{}", fmt::join(parts, ", "))});
}

LineChart plain_curve(const History& history, const std::string& title, const std::string& unit,
                      std::vector<double> y) {
  LineChart chart = {.title = title, .x_label = "step", .y_label = unit};
  chart.series.push_back({.name = title, .x = history.column("step"), .y = std::move(y)});
  return chart;
}

/// The values faint, and smoothed over a thirtieth of the run.
LineChart curve(const History& history, const std::string& title, const std::string& unit,
                std::vector<double> y) {
  const auto window = std::max(1.0, static_cast<double>(y.size()) / 30);
  auto mean = smoothed(y, window);
  auto chart = plain_curve(history, title, unit, std::move(y));
  chart.series.back().faint = true;
  chart.series.push_back({.name = title, .x = history.column("step"), .y = std::move(mean)});
  return chart;
}

std::vector<double> scaled(std::vector<double> values, double factor) {
  for (auto& value : values) value *= factor;
  return values;
}

LineChart loss_chart(const History& history) {
  auto chart = curve(history, "training", "nats per token", history.column("loss"));
  chart.title = "Loss";
  Series held_out = {.name = "held out"};
  for (const auto& [step, losses] : history.held_out()) {
    held_out.x.push_back(step);
    held_out.y.push_back(number_in(losses, "loss"));
  }
  if (!held_out.x.empty()) chart.series.push_back(std::move(held_out));
  return chart;
}

/// A curve over the evaluations for each of the largest parts.
LineChart held_out_chart(const History& history, const char* group, const std::string& title) {
  const auto key = held_out_key(history);
  LineChart chart = {.title = title, .x_label = "step", .y_label = key_words(key)};
  auto names = largest_parts(history, group);
  names.resize(std::min(names.size(), kLanguageCurves));
  for (const auto& name : names) {
    Series series = {.name = name.empty() ? "unknown" : name};
    for (const auto& [step, losses] : history.held_out()) {
      const auto& parts = losses.at(group);
      series.x.push_back(step);
      series.y.push_back(number_in(parts.contains(name) ? parts.at(name) : Json(), key));
    }
    chart.series.push_back(std::move(series));
  }
  if (names.size() == 1) chart.title += ": " + names.front();  // a single curve has no legend
  return chart;
}

/// One spike must not flatten the rest.
LineChart norm_chart(const History& history) {
  const auto& norms = history.column("grad_norm");
  auto chart = curve(history, "Gradient norm", "before clipping", norms);
  chart.log_y = largest_of(norms) > 10 * median_of(norms);
  return chart;
}

PageTable held_out_table(const History& history, const char* group, const std::string& column) {
  const auto& last = history.held_out().back();
  PageTable table = {.columns = {column, "bits per byte", "nats per token", "tokens"}};
  const auto text = [](double value, int digits) {
    return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "-";
  };
  const auto add = [&](const std::string& name, const Json& sums) {
    table.rows.push_back({name.empty() ? "unknown" : name,
                          text(number_in(sums, "bits_per_byte"), 3),
                          text(number_in(sums, "loss"), 3), text(number_in(sums, "targets"), 0)});
  };
  for (const auto& name : largest_parts(history, group)) {
    add(name, last.losses.at(group).at(name));
  }
  if (table.rows.size() > 1) add("all", last.losses);
  return table;
}

void add_held_out(Page& page, const History& history) {
  if (history.held_out().empty()) return;
  page.heading("Held out");
  page.charts({held_out_chart(history, "by_modality", "By modality"),
               held_out_chart(history, "by_language", "The largest languages")});
  page.table(held_out_table(history, "by_modality", "modality"));
  const auto languages = held_out_table(history, "by_language", "language");
  page.begin_details(fmt::format("by language ({})", largest_parts(history, "by_language").size()));
  page.table(languages);
  page.end_details();
}

void add_samples(Page& page, const ShownSamples& samples) {
  if (samples.figures.empty()) return;
  page.heading("Samples");
  page.note(
      fmt::format("Held-out items and the likeliest continuation after step {}.", samples.step));
  page.figures(samples.figures);
}

void add_speed(Page& page, const History& history) {
  page.heading("Speed and memory");
  auto wait = history.column("data_seconds");
  const auto& seconds = history.column("seconds");
  for (size_t i = 0; i < wait.size(); ++i) wait[i] *= 100 / seconds[i];
  page.charts(
      {curve(history, "Tokens per second", "", history.column("tokens_per_second")),
       curve(history, "Share of the matmul peak", "%", scaled(history.column("peak_share"), 100)),
       plain_curve(history, "Peak memory", "GB", scaled(history.column("memory_bytes"), 1e-9)),
       curve(history, "Waited for data", "% of the step", std::move(wait))});
}

PageTable source_table(const About& about) {
  PageTable table = {.columns = {"source", "licence"}};
  for (const auto& stage : about.stages) {
    table.columns.push_back(about.stages.size() > 1 ? "rows in " + stage : "share of rows");
  }
  for (const auto* column : {"train documents", "dev", "test", "train tokens"}) {
    table.columns.emplace_back(column);
  }
  for (const auto& source : about.sources) {
    std::vector<std::string> row = {source.name, source.licence};
    for (size_t stage = 0; stage < about.stages.size(); ++stage) {
      int64_t sum = 0;
      for (const auto& other : about.sources) sum += other.weights.at(stage);
      row.push_back(percent_text(static_cast<double>(source.weights.at(stage)) /
                                 static_cast<double>(std::max<int64_t>(1, sum))));
    }
    for (const auto count : source.documents) row.push_back(std::to_string(count));
    row.push_back(count_text(static_cast<double>(source.tokens)));
    table.rows.push_back(std::move(row));
  }
  return table;
}

void add_left_out(Page& page, const std::string& what, int64_t count,
                  const std::vector<std::pair<std::string, std::string>>& named) {
  if (count == 0) return;
  page.begin_details(fmt::format("{} ({})", what, count));
  PageTable table = {.columns = {"document", "finding"}};
  for (size_t i = 0; i < std::min(named.size(), kNamedSamples); ++i) {
    table.rows.push_back({named[i].first, named[i].second});
  }
  page.table(table);
  page.end_details();
}

void add_data(Page& page, const About& about, const History& history) {
  if (about.sources.empty()) return;
  page.heading("Data");
  page.table(source_table(about));
  const auto tokens = history.column("tokens").back();
  page.note(fmt::format(
      "{} rows an epoch; {} of the tokens were padding, {} had a target. {} documents are too long "
      "for a row and may not be cut, {} were damaged and replaced, {} have words of an evaluation "
      "set and were masked.",
      count_text(static_cast<double>(about.rows_per_epoch)),
      percent_text(sum_of(history.column("padding")) / tokens),
      percent_text(sum_of(history.column("targets")) / tokens), about.num_refused,
      about.quarantined.size(), about.masked.size()));
  add_left_out(page, "too long", about.num_refused, about.refused);
  add_left_out(page, "damaged", static_cast<int64_t>(about.quarantined.size()), about.quarantined);
  add_left_out(page, "masked", static_cast<int64_t>(about.masked.size()), about.masked);
}

void add_run(Page& page, const About& about, const std::string& config) {
  page.heading("Run");
  PageTable parts = {.columns = {"part", "parameters", "share"}};
  for (const auto& [part, count] : about.parameters) {
    parts.rows.push_back(
        {part, std::to_string(count), percent_text(static_cast<double>(count) / total(about))});
  }
  if (!parts.rows.empty()) page.table(parts);
  PageTable environment = {.columns = {"environment", ""}};
  for (const auto& [key, value] : about.environment) environment.rows.push_back({key, value});
  if (!environment.rows.empty()) page.table(environment);
  page.begin_details("configuration");
  page.source(config);
  page.end_details();
}

}  // namespace

Page report_page(const About& about, const History& history, const std::string& config,
                 const ShownSamples& samples) {
  Page page(about.name, fmt::format("training run, as of {:%Y-%m-%d %H:%M} UTC",
                                    fmt::gmtime(std::time(nullptr))));
  if (history.empty()) {
    page.paragraph("No step is done yet.");
    add_run(page, about, config);
    return page;
  }
  std::vector<Card> cards;
  add_result_cards(cards, about, history);
  add_cost_cards(cards, about, history);
  page.cards(cards);
  page.heading("Training");
  page.chart(loss_chart(history));
  page.note(
      "Faint: each logged step. Strong: the mean over about a thirtieth of the run before it.");
  if (!history.held_out().empty()) {
    page.note(
        "Two mixtures: the training loss is that of the rows as they are mixed, the held-out loss "
        "that of an equal share of rows of every source. Each is to be compared with itself.");
  }
  page.charts(
      {plain_curve(history, "Learning rate", "", history.column("lr")), norm_chart(history)});
  add_samples(page, samples);
  add_held_out(page, history);
  add_speed(page, history);
  add_data(page, about, history);
  add_run(page, about, config);
  return page;
}

void Report::write(int64_t step) {
  history_.follow();
  const auto config = read_file(folder_ / "config.yaml");
  report_page(about_, history_, config, samples_).save(folder_ / "report.html");
  about_.page_step = step;
  about_.samples_step = samples_.step;
  write_file_atomic(folder_ / About::kFileName, dump_json(about_.to_json(), 1) + "\n");
}

std::filesystem::path rewrite_report(const std::filesystem::path& folder,
                                     const ShownSamples& samples) {
  const auto log = folder / "log.jsonl";
  if (!std::filesystem::exists(log)) {
    throw DataError("{}: has no log.jsonl: must be the folder of a training run", folder.string());
  }
  History history(log);
  history.follow();
  About about = {.name = folder.filename().string()};  // of a run from before there was a file
  const auto file = folder / About::kFileName;
  if (std::filesystem::exists(file)) {
    about = About::from_json(parse_json(read_file(file), file.string()), file.string());
  }
  auto path = folder / "report.html";
  report_page(about, history, read_file(folder / "config.yaml"), samples).save(path);
  return path;
}

}  // namespace reka::train
