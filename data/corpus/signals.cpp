#include "data/corpus/signals.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "data/corpus/normalize.h"

namespace reka::data {
namespace {

const std::array<SignalFamily, 6>& families() {
  static const std::array<SignalFamily, 6> all = {text_signals(),       gopher_signals(),
                                                  repetition_signals(), line_signals(),
                                                  c4_signals(),         media_signals()};
  return all;
}

}  // namespace

void SignalText::set_lengths() {
  characters = count_characters(text);
  word_characters.clear();
  word_characters.reserve(words.size());
  for (const auto& word : words) {
    word_characters.push_back(static_cast<uint32_t>(count_characters(word)));
  }
}

std::span<const SignalColumn> signal_columns() {
  static const auto columns = [] {
    std::vector<SignalColumn> all;
    for (const auto& family : families()) {
      all.insert(all.end(), family.columns.begin(), family.columns.end());
    }
    return all;
  }();
  return columns;
}

int find_signal(std::string_view name) {
  const auto columns = signal_columns();
  const auto found =
      std::ranges::find_if(columns, [&](const auto& column) { return column.name == name; });
  return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

std::vector<std::string> signal_names() {
  std::vector<std::string> names;
  for (const auto& column : signal_columns()) names.emplace_back(column.name);
  return names;
}

std::string versioned_name(const SignalColumn& column) {
  return fmt::format("{}/{}", column.name, column.version);
}

std::vector<float> compute_signals(const SignalText& text) {
  std::vector<float> row(signal_columns().size(), kNoSignal);
  std::span<float> rest(row);
  for (const auto& family : families()) {
    family.compute(text, rest.first(family.columns.size()));
    rest = rest.subspan(family.columns.size());
  }
  return row;
}

}  // namespace reka::data
