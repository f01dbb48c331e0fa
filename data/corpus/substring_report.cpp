#include "data/corpus/substring_report.h"

#include <string_view>

#include <fmt/format.h>

namespace reka::data {
namespace {

using Counts = SubstringReport::Counts;
using Example = SubstringReport::Example;

Json counts_json(const Counts& counts) {
  return {{"documents", counts.documents},
          {"dropped", counts.dropped},
          {"runs", counts.runs},
          {"words_taken_out", counts.words},
          {"bytes_taken_out", counts.bytes}};
}

Json examples_json(const std::vector<Example>& examples) {
  Json shown = Json::array();
  for (const auto& example : examples) {
    Json json = {{"words", example.words},
                 {"first", example.first},
                 {"later", example.later},
                 {"text", example.text}};
    if (example.copies > 0) json["copies"] = example.copies;
    shown.push_back(std::move(json));
  }
  return shown;
}

void show_examples(std::string_view summary, const std::string& number, int64_t Example::*number_of,
                   const std::vector<Example>& examples, Page& page) {
  if (examples.empty()) return;
  page.begin_details(summary);
  PageTable table;
  table.columns = {number, "first in", "again in", "text"};
  for (const auto& example : examples) {
    table.rows.push_back(
        {std::to_string(example.*number_of), example.first, example.later, example.text});
  }
  page.table(table);
  page.end_details();
}

}  // namespace

Counts& Counts::operator+=(const Counts& other) {
  documents += other.documents;
  dropped += other.dropped;
  runs += other.runs;
  words += other.words;
  bytes += other.bytes;
  return *this;
}

Counts SubstringReport::total() const {
  Counts total;
  for (const auto& [cell, counts] : cells) total += counts;
  return total;
}

Json SubstringReport::json() const {
  Json rows = Json::array();
  for (const auto& [cell, counts] : cells) {
    Json row = {{"source", cell.first}, {"language", cell.second}};
    row.update(counts_json(counts));
    rows.push_back(std::move(row));
  }
  Json json = {{"method", method},
               {"documents_compared", documents},
               {"words_compared", words},
               {"repeated_runs", repeated},
               {"rows", std::move(rows)},
               {"longest", examples_json(longest)},
               {"most_frequent", examples_json(most_frequent)}};
  json.update(counts_json(total()));
  return json;
}

void SubstringReport::show(Page& page) const {
  const auto all = total();
  page.heading("Repeated substrings");
  page.note(method);
  page.cards({{"compared", std::to_string(documents), fmt::format("texts of {} words", words)},
              {"shortened", std::to_string(all.documents),
               fmt::format("of which {} are dropped: too little was left", all.dropped)},
              {"taken out", std::to_string(all.words), fmt::format("words in {} runs", all.runs)},
              {"bytes", std::to_string(all.bytes), "of text taken out"}});
  if (cells.empty()) return;
  PageTable table;
  table.columns = {"source", "language", "documents", "dropped", "runs", "words", "bytes"};
  for (const auto& [cell, counts] : cells) {
    table.rows.push_back({cell.first, cell.second.empty() ? "(unknown)" : cell.second,
                          std::to_string(counts.documents), std::to_string(counts.dropped),
                          std::to_string(counts.runs), std::to_string(counts.words),
                          std::to_string(counts.bytes)});
  }
  page.begin_details("By source and language");
  page.table(table);
  page.end_details();
  show_examples("The longest", "words", &Example::words, longest, page);
  show_examples("The most frequent", "copies", &Example::copies, most_frequent, page);
}

}  // namespace reka::data
