#include "data/corpus/report_page.h"

#include <algorithm>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "reka/base/media.h"

namespace reka::data {
namespace {

using Cell = CorpusReport::Cell;
using Counts = CorpusReport::Counts;

std::string megabytes(int64_t bytes) {
  return fmt::format("{:.2f}", static_cast<double>(bytes) / 1e6);
}

std::string fertility(const Counts& counts) {
  if (counts.text_tokens == 0) return "";
  return fmt::format(
      "{:.2f}", static_cast<double>(counts.text_bytes) / static_cast<double>(counts.text_tokens));
}

std::string split_name(const Cell& cell) {
  return std::string(kSplitNames[static_cast<size_t>(std::get<3>(cell))]);
}

/// One row for each name, the largest text first.
PageTable table_by(const std::string& column, const CorpusReport& report,
                   const std::function<std::string(const Cell&)>& name_of) {
  struct Row {
    Counts all;
    std::map<std::string, int64_t> documents;  // by split
  };
  std::map<std::string, Row> rows;
  for (const auto& [cell, counts] : report.cells()) {
    auto& row = rows[name_of(cell)];
    row.all += counts;
    row.documents[split_name(cell)] += counts.documents;
  }
  std::vector<std::pair<std::string, Row>> sorted(rows.begin(), rows.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second.all.text_bytes > b.second.all.text_bytes;
  });
  PageTable table;
  table.columns = {column,    "documents", "train",       "dev",   "test",
                   "text MB", "tokens",    "bytes/token", "media", "media MB"};
  for (auto& [name, row] : sorted) {
    table.rows.push_back({name.empty() ? "(unknown)" : name, std::to_string(row.all.documents),
                          std::to_string(row.documents["train"]),
                          std::to_string(row.documents["dev"]),
                          std::to_string(row.documents["test"]), megabytes(row.all.text_bytes),
                          std::to_string(row.all.tokens), fertility(row.all),
                          std::to_string(row.all.media), megabytes(row.all.media_bytes)});
  }
  return table;
}

/// Documents by what became of them, a row for each name.
PageTable fates_by(const std::string& column, const CorpusReport& report,
                   const std::function<std::string(const CorpusReport::FateCell&)>& name_of) {
  std::set<Fate> fates;
  std::map<std::string, std::map<Fate, int64_t>> rows;
  for (const auto& [cell, fated] : report.fates()) {
    const auto& fate = std::get<Fate>(cell);
    fates.insert(fate);
    rows[name_of(cell)][fate] += fated.documents;
  }
  PageTable table;
  table.columns = {column};
  for (const auto& fate : fates) table.columns.push_back(fate_name(fate));
  for (auto& [name, documents] : rows) {
    std::vector<std::string> cells = {name.empty() ? "(unknown)" : name};
    for (const auto& fate : fates) cells.push_back(std::to_string(documents[fate]));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

void add_fates(const CorpusReport& report, Page& page) {
  page.table(fates_by("source", report, [](const auto& cell) { return std::get<0>(cell); }));
  page.begin_details("By language");
  page.table(fates_by("language", report, [](const auto& cell) { return std::get<1>(cell); }));
  page.end_details();
  PageTable pieces;
  pieces.columns = {"source", "taken out of documents", "pieces"};
  for (const auto& [name, source] : report.sources()) {
    for (const auto& [edit, count] : source.taken_out) {
      if (count > 0) pieces.rows.push_back({name, edit, std::to_string(count)});
    }
  }
  if (!pieces.rows.empty()) page.table(pieces);
}

void add_skipped(const CorpusReport& report, Page& page) {
  PageTable removed;
  removed.columns = {"source", "skipped"};
  PageTable reasons;
  reasons.columns = {"source", "count", "reason", "example"};
  for (const auto& [name, source] : report.sources()) {
    removed.rows.push_back({name, std::to_string(source.skipped.total())});
    for (const auto& [reason, found] : source.skipped.reasons()) {
      for (size_t n = 0; n < found.examples.size(); ++n) {
        reasons.rows.push_back({n == 0 ? name : "", n == 0 ? std::to_string(found.count) : "",
                                n == 0 ? reason : "",
                                found.examples[n].place + ": " + found.examples[n].finding});
      }
    }
  }
  page.table(removed);
  for (const auto& [name, source] : report.sources()) {
    for (const auto& note : source.notes) page.note(fmt::format("{}: {}", name, note));
  }
  if (reasons.rows.empty()) return;
  page.begin_details("Reasons, with examples");
  page.table(reasons);
  page.end_details();
}

}  // namespace

Page report_page(const std::string& title, const CorpusReport& report) {
  const auto total = report.total();
  std::set<std::string> languages;
  for (const auto& [cell, counts] : report.cells()) languages.insert(std::get<1>(cell));
  languages.erase("");  // unknown
  Page page(title, "corpus");
  page.cards({{"documents", std::to_string(total.documents), ""},
              {"text", megabytes(total.text_bytes) + " MB", ""},
              {"tokens", std::to_string(total.tokens), fertility(total) + " bytes per token"},
              {"languages", std::to_string(languages.size()), ""},
              {"media", std::to_string(total.media), megabytes(total.media_bytes) + " MB"}});
  page.heading("Sources");
  page.table(table_by("source", report, [](const Cell& cell) { return std::get<0>(cell); }));
  page.heading("Modalities and sides");
  page.table(table_by("modality", report, [](const Cell& cell) {
    return std::string(modality_name(std::get<2>(cell)));
  }));
  page.table(table_by("side", report, split_name));
  page.heading("Languages");
  page.table(table_by("language", report, [](const Cell& cell) { return std::get<1>(cell); }));
  page.heading("Kept and dropped");
  add_fates(report, page);
  page.heading("Skipped by readers");
  add_skipped(report, page);
  return page;
}

}  // namespace reka::data
