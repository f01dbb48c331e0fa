#include "eval/results.h"

#include <fmt/format.h>

namespace reka::eval {
namespace {

Json json_of(const HeldOutSum& sum) {
  return {{"bits_per_byte", sum.bits_per_byte()},
          {"nats_per_token", sum.nats_per_token()},
          {"samples", sum.samples},
          {"tokens", sum.tokens},
          {"bytes", sum.bytes}};
}

Json json_of(const std::map<std::string, HeldOutSum>& sums) {
  Json json = Json::object();
  for (const auto& [name, sum] : sums) json[name] = json_of(sum);
  return json;
}

Json json_of(const Estimate& estimate) {
  return {{"mean", estimate.mean},     {"low", estimate.low},
          {"high", estimate.high},     {"items", estimate.items},
          {"groups", estimate.groups}, {"interval", interval_name(estimate.interval)}};
}

Json json_of(const HeldOutResult& result) {
  return {{"type", HeldOutConfig::kName},
          {"all", json_of(result.all)},
          {"languages", json_of(result.by_language)},
          {"sources", json_of(result.by_source)},
          {"modalities", json_of(result.by_modality)}};
}

Json json_of(const ChoiceResult& result) {
  return {{"type", ChoiceConfig::kName},
          {"accuracy", json_of(result.accuracy)},
          {"shuffled", json_of(result.shuffled)},
          {"information", json_of(result.information)},
          {"chance", result.chance},
          {"skipped", result.skipped}};
}

Json json_of(const AnswersResult& result) {
  Json answers = Json::array();
  for (const auto& answer : result.answers) {
    answers.push_back(
        {{"prompt", answer.prompt}, {"answer", answer.answer}, {"reference", answer.reference}});
  }
  return {{"type", AnswersConfig::kName}, {"answers", std::move(answers)}};
}

std::string line_of(const HeldOutResult& result) {
  return fmt::format("{:.3f} bits per byte; languages: {}, tokens: {}", result.all.bits_per_byte(),
                     result.by_language.size(), result.all.tokens);
}

/// "34.8 % right [24.5, 45.5]"; an interval that is not the bootstrap's says so.
std::string share_of(const Estimate& share, std::string_view what) {
  const auto name = interval_name(share.interval);
  return fmt::format("{:.1f} %{} [{:.1f}, {:.1f}{}]", 100 * share.mean, what, 100 * share.low,
                     100 * share.high,
                     share.interval == Interval::kBootstrap ? "" : fmt::format(" {}", name));
}

std::string line_of(const ChoiceResult& result) {
  auto line = fmt::format(
      "{} of {} in {} groups; chance {:.1f} %; shuffled media {}; {:+.2f} nats a text from the "
      "media",
      share_of(result.accuracy, " right"), result.accuracy.items, result.accuracy.groups,
      100 * result.chance, share_of(result.shuffled, ""), result.information.mean);
  if (result.skipped > 0)
    line += fmt::format("; {} skipped: fewer than {} different texts to choose from",
                        result.skipped, result.choices);
  return line;
}

/// On one line, whatever a model writes.
std::string on_one_line(const std::string& text) {
  std::string line;
  for (const auto c : text) line += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  return line;
}

std::string line_of(const AnswersResult& result) {
  if (result.answers.empty()) return "no answers";
  const auto& first = result.answers.front();
  return fmt::format("\"{}\" (corpus: \"{}\")", on_one_line(first.answer),
                     on_one_line(first.reference));
}

}  // namespace

Json to_json(const std::vector<TaskResult>& results) {
  Json json = Json::object();
  for (const auto& task : results) {
    auto& found = json[task.name];
    found = std::visit([](const auto& result) { return json_of(result); }, task.result);
    found["left_out"] = task.left_out;
  }
  return json;
}

std::string summary(const std::vector<TaskResult>& results) {
  std::string lines;
  for (const auto& task : results) {
    lines +=
        fmt::format("  {:<14}{}", task.name,
                    std::visit([](const auto& result) { return line_of(result); }, task.result));
    if (task.left_out > 0)
      lines += fmt::format("; {} left out: no room for their media", task.left_out);
    lines += '\n';
  }
  return lines;
}

}  // namespace reka::eval
