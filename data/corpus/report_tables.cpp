#include "data/corpus/report_tables.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace reka::data {
namespace {

using Counts = CorpusReport::Counts;

std::string fertility_of(const Counts& counts) {
  if (counts.text_tokens == 0) return "";
  return fmt::format(
      "{:.2f}", static_cast<double>(counts.text_bytes) / static_cast<double>(counts.text_tokens));
}

// What a row of fates adds up.
struct FateSums {
  std::map<Fate, int64_t> documents;
  CorpusReport::Fated read;
  int64_t kept_bytes = 0;

  void add(const Fate& fate, const CorpusReport::Fated& fated) {
    documents[fate] += fated.documents;
    read.documents += fated.documents;
    read.text_bytes += fated.text_bytes;
    if (fate.kind == Fate::Kind::kKept) kept_bytes += fated.text_bytes;
  }
};

std::vector<std::string> fate_cells(const std::string& name, const FateSums& sums,
                                    const std::set<Fate>& fates) {
  std::vector<std::string> cells = {name, std::to_string(sums.read.documents)};
  for (const auto& fate : fates) {
    const auto found = sums.documents.find(fate);
    cells.push_back(std::to_string(found == sums.documents.end() ? 0 : found->second));
  }
  cells.push_back(megabytes(sums.read.text_bytes));
  cells.push_back(megabytes(sums.kept_bytes));
  return cells;
}

std::string markdown_row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const auto& cell : cells) {
    row += ' ';
    for (const char c : cell) {
      if (c == '|' || c == '<' || c == '`') row += '\\';
      row += c == '\n' ? ' ' : c;
    }
    row += " |";
  }
  return row + "\n";
}

}  // namespace

std::string source_of(const CorpusReport::Cell& cell) {
  return std::get<0>(cell);
}

std::string language_of(const CorpusReport::Cell& cell) {
  return std::get<1>(cell);
}

std::string megabytes(int64_t bytes) {
  return fmt::format("{:.2f}", static_cast<double>(bytes) / 1e6);
}

std::string named_or(const std::string& name, const std::string& otherwise) {
  return name.empty() ? otherwise : name;
}

PageTable counts_table(const std::string& column, const CorpusReport& report,
                       const NameOfCell& name_of) {
  struct Row {
    Counts all;
    std::array<int64_t, kSplitNames.size()> documents{};
  };
  std::map<std::string, Row> rows;
  for (const auto& [cell, counts] : report.cells()) {
    auto& row = rows[name_of(cell)];
    row.all += counts;
    row.documents[static_cast<size_t>(std::get<Split>(cell))] += counts.documents;
  }
  std::vector<std::pair<std::string, Row>> sorted(rows.begin(), rows.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second.all.text_bytes > b.second.all.text_bytes;
  });
  PageTable table;
  table.columns = {column,    "documents", "train",       "dev",   "test",
                   "text MB", "tokens",    "bytes/token", "media", "media MB"};
  for (const auto& [name, row] : sorted) {
    std::vector<std::string> cells = {named_or(name, "(unknown)"),
                                      std::to_string(row.all.documents)};
    for (const auto documents : row.documents) cells.push_back(std::to_string(documents));
    for (auto& cell :
         {megabytes(row.all.text_bytes), std::to_string(row.all.tokens), fertility_of(row.all),
          std::to_string(row.all.media), megabytes(row.all.media_bytes)}) {
      cells.push_back(cell);
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

PageTable fates_table(const std::string& column, const CorpusReport& report,
                      const NameOfFate& name_of) {
  std::set<Fate> fates;
  std::map<std::string, FateSums> rows;
  FateSums all;
  for (const auto& [cell, fated] : report.fates()) {
    const auto& fate = std::get<Fate>(cell);
    fates.insert(fate);
    rows[name_of(cell)].add(fate, fated);
    all.add(fate, fated);
  }
  PageTable table;
  table.columns = {column, "read"};
  for (const auto& fate : fates) table.columns.push_back(fate_name(fate));
  table.columns.emplace_back("MB read");
  table.columns.emplace_back("MB of kept");
  for (const auto& [name, sums] : rows) {
    table.rows.push_back(fate_cells(named_or(name, "(unknown)"), sums, fates));
  }
  table.rows.push_back(fate_cells("all", all, fates));
  return table;
}

PageTable fates_by_language(const CorpusReport& report) {
  return fates_table("language", report, [](const auto& cell) { return std::get<1>(cell); });
}

std::string markdown(const PageTable& table) {
  auto text = markdown_row(table.columns) + "|";
  for (size_t n = 0; n < table.columns.size(); ++n) text += " --- |";
  text += "\n";
  for (const auto& row : table.rows) text += markdown_row(row);
  return text;
}

}  // namespace reka::data
