#include "eval/report.h"

#include <algorithm>

#include <fmt/format.h>

namespace reka::eval {
namespace {

constexpr size_t kShownQuestions = 12;
constexpr size_t kShownLanguages = 40;  // in the chart; the table has all
constexpr int kPictureWidth = 136;

std::string media_type(const std::string& bytes, Modality modality) {
  if (modality == Modality::kAudio) return bytes.rfind("RIFF", 0) == 0 ? "audio/wav" : "audio/ogg";
  if (modality == Modality::kVideo)
    return bytes.rfind("\x1a\x45\xdf\xa3", 0) == 0 ? "video/webm" : "video/mp4";
  return bytes.rfind("\x89PNG", 0) == 0 ? "image/png" : "image/jpeg";
}

/// The sample's first medium; a text alone where it has none.
Figure figure_of(const data::Sample& sample, std::string caption) {
  Figure figure;
  figure.caption = std::move(caption);
  if (sample.media.empty()) return figure;
  const auto& media = sample.media.front();
  figure.bytes.assign(reinterpret_cast<const char*>(media.bytes.data()), media.bytes.size());
  figure.media_type = media_type(figure.bytes, media.modality);
  figure.width = kPictureWidth;
  return figure;
}

PageTable table_of(const std::map<std::string, HeldOutSum>& sums, const std::string& what) {
  PageTable table;
  table.columns = {what, "bits per byte", "nats per token", "samples", "tokens", "bytes"};
  for (const auto& [name, sum] : sums) {
    table.rows.push_back({name.empty() ? "unknown" : name,
                          fmt::format("{:.3f}", sum.bits_per_byte()),
                          fmt::format("{:.3f}", sum.nats_per_token()), std::to_string(sum.samples),
                          std::to_string(sum.tokens), std::to_string(sum.bytes)});
  }
  return table;
}

void add(Page& page, const HeldOutResult& result, const std::vector<data::Sample>&) {
  page.cards({{"bits per byte", fmt::format("{:.3f}", result.all.bits_per_byte()), "all languages"},
              {"tokens", std::to_string(result.all.tokens), "predicted"}});
  std::vector<std::pair<std::string, HeldOutSum>> largest(result.by_language.begin(),
                                                          result.by_language.end());
  std::stable_sort(largest.begin(), largest.end(), [](const auto& a, const auto& b) {
    return a.second.samples > b.second.samples;
  });
  if (largest.size() > kShownLanguages) largest.resize(kShownLanguages);
  BarChart chart;
  chart.title = "Held-out bits per byte by language (lower is better)";
  for (const auto& [language, sum] : largest) {
    chart.bars.push_back({language.empty() ? "unknown" : language, {sum.bits_per_byte()}, {}, {}});
  }
  std::sort(chart.bars.begin(), chart.bars.end(),
            [](const Bar& a, const Bar& b) { return a.values[0] < b.values[0]; });
  page.chart(chart);
  page.table(table_of(result.by_modality, "modality"));
  page.table(table_of(result.by_source, "source"));
  page.begin_details("by language");
  page.table(table_of(result.by_language, "language"));
  page.end_details();
}

void add(Page& page, const ChoiceResult& result, const std::vector<data::Sample>& samples) {
  const auto percent = [](double share) { return 100 * share; };
  BarChart chart;
  chart.title = "Right choices with their 95 % intervals";
  chart.unit = " %";
  for (const auto& [label, estimate] : {std::pair{"own media", result.accuracy},
                                        std::pair{"another item's media", result.shuffled}}) {
    chart.bars.push_back(
        {label, {percent(estimate.mean)}, {percent(estimate.low)}, {percent(estimate.high)}});
  }
  chart.reference = percent(result.chance);
  chart.reference_label = "chance";
  page.chart(chart);
  page.note(fmt::format(
      "{} questions in {} groups; log p(text | media) - log p(text), the intervals by {} (own "
      "media) "
      "and {} (another item's). The media give {:.2f} nats [{:.2f}, {:.2f}] about their text.",
      result.accuracy.items, result.accuracy.groups, interval_name(result.accuracy.interval),
      interval_name(result.shuffled.interval), result.information.mean, result.information.low,
      result.information.high));
  std::vector<Figure> figures;
  const auto step = std::max<size_t>(1, result.answers.size() / kShownQuestions);
  for (size_t i = 0; i < result.answers.size() && figures.size() < kShownQuestions; i += step) {
    const auto& answer = result.answers[i];
    const auto best = std::max_element(answer.scores.begin(), answer.scores.end());
    const auto chosen = static_cast<size_t>(best - answer.scores.begin());
    auto figure = figure_of(samples[answer.sample], answer.correct ? "right" : "wrong");
    figure.lines = {{"chosen", result.texts[answer.candidates[chosen]]},
                    {"corpus", result.texts[answer.sample]}};
    figures.push_back(std::move(figure));
  }
  page.figures(figures);
}

void add(Page& page, const AnswersResult& result, const std::vector<data::Sample>& samples) {
  std::vector<Figure> figures;
  for (const auto& answer : result.answers) {
    figures.push_back(answer_figure(answer, samples[answer.sample]));
  }
  page.figures(figures);
}

}  // namespace

Figure answer_figure(const Answer& answer, const data::Sample& sample) {
  auto figure = figure_of(sample, sample.document_id);
  if (!answer.prompt.empty()) figure.lines.emplace_back("given", answer.prompt);
  figure.lines.emplace_back("answer", answer.answer.empty() ? "(nothing)" : answer.answer);
  figure.lines.emplace_back("corpus", answer.reference);
  return figure;
}

Page make_page(const std::string& title, const std::string& about,
               const std::vector<TaskResult>& results) {
  Page page(title, about);
  for (const auto& task : results) {
    page.heading(task.name);
    std::visit([&](const auto& result) { add(page, result, task.samples); }, task.result);
  }
  return page;
}

}  // namespace reka::eval
