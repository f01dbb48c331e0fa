#include "data/corpus/report_page.h"

#include <set>

#include <fmt/format.h>

#include "data/corpus/report_tables.h"
#include "reka/base/media.h"

namespace reka::data {
namespace {

std::string bytes_per_token(const CorpusReport::Counts& counts) {
  if (counts.text_tokens == 0) return "";
  return fmt::format("{:.2f} bytes per token", static_cast<double>(counts.text_bytes) /
                                                   static_cast<double>(counts.text_tokens));
}

void add_fates(const CorpusReport& report, Page& page) {
  page.table(fates_table("source", report, [](const auto& cell) { return std::get<0>(cell); }));
  page.begin_details("By language");
  page.table(fates_by_language(report));
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
              {"tokens", std::to_string(total.tokens), bytes_per_token(total)},
              {"languages", std::to_string(languages.size()), ""},
              {"media", std::to_string(total.media), megabytes(total.media_bytes) + " MB"}});
  page.heading("Sources");
  page.table(counts_table("source", report, source_of));
  page.heading("Modalities and sides");
  page.table(counts_table("modality", report, [](const CorpusReport::Cell& cell) {
    return std::string(modality_name(std::get<2>(cell)));
  }));
  page.table(counts_table("side", report, [](const CorpusReport::Cell& cell) {
    return std::string(kSplitNames[static_cast<size_t>(std::get<Split>(cell))]);
  }));
  page.heading("Languages");
  page.table(counts_table("language", report, language_of));
  page.heading("Kept and dropped");
  add_fates(report, page);
  page.heading("Skipped by readers");
  add_skipped(report, page);
  return page;
}

}  // namespace reka::data
