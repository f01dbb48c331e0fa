#include "data/corpus/card_page.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "data/corpus/language_tiers.h"
#include "data/corpus/report_tables.h"
#include "reka/base/media.h"
#include "reka/base/quantity.h"
#include "reka/base/words.h"

namespace reka::data {
namespace {

constexpr size_t kNamesShown = 4;

std::string some_of(const std::vector<std::string>& names) {
  const std::vector<std::string> shown(
      names.begin(), names.begin() + std::min(std::ssize(names), std::ptrdiff_t{kNamesShown}));
  const auto more = names.size() - shown.size();
  return join_words(shown) + (more > 0 ? fmt::format(" and {} more", more) : "");
}

// Behind the name of a row: documents, text MB, media MB, tokens, share.
void add_counts(const CorpusCard& card, const CorpusCard::Counts& counts,
                std::vector<std::string>& cells) {
  cells.push_back(std::to_string(counts.documents));
  cells.push_back(megabytes(counts.text_bytes));
  cells.push_back(megabytes(counts.media_bytes));
  cells.push_back(std::to_string(counts.tokens));
  cells.push_back(percent_text(card.share(counts), 2));
}

PageTable licences_table(const CorpusCard& card) {
  PageTable table;
  table.columns = {"licence", "sources",  "packages", "documents",
                   "text MB", "media MB", "tokens",   "of all tokens"};
  for (const auto& licence : card.licences) {
    std::vector<std::string> cells = {named_or(licence.name, "(none named)"),
                                      join_words(licence.sources), some_of(licence.packages)};
    add_counts(card, licence.counts, cells);
    table.rows.push_back(std::move(cells));
  }
  return table;
}

PageTable unclear_table(const CorpusCard& card) {
  PageTable table;
  table.columns = {"part",     "not known", "documents",    "text MB",
                   "media MB", "tokens",    "of all tokens"};
  for (const auto& part : card.unclear) {
    std::vector<std::string> cells = {named_or(part.source, "documents of any source"),
                                      join_words(part.missing)};
    add_counts(card, part.counts, cells);
    table.rows.push_back(std::move(cells));
  }
  return table;
}

PageTable lineage_table(const CorpusCard& card) {
  PageTable table;
  table.columns = {"source", "reader",         "packages", "files",
                   "MB",     "documents read", "language", "hash of the documents"};
  for (const auto& source : card.origin.sources) {
    std::vector<std::string> packages;
    int64_t files = 0, bytes = 0;
    for (const auto& package : source.packages) {
      if (!package.package.empty()) packages.push_back(name_with_version(package));
      files += package.files;
      bytes += package.bytes;
    }
    table.rows.push_back({source.name, source.reader, some_of(packages), std::to_string(files),
                          megabytes(bytes), std::to_string(source.documents),
                          named_or(source.language, "-"), source.hash});
  }
  return table;
}

PageTable packages_table(const CorpusCard& card) {
  PageTable table;
  table.columns = {"package", "version", "source", "files", "MB"};
  for (const auto& source : card.origin.sources) {
    for (const auto& package : source.packages) {
      table.rows.push_back({named_or(package.package, "(none)"), package.version, source.name,
                            std::to_string(package.files), megabytes(package.bytes)});
    }
  }
  std::ranges::stable_sort(table.rows, {}, [](const auto& row) { return row[0]; });
  return table;
}

PageTable rare_table(const CorpusCard& card, bool of_tiers) {
  PageTable table;
  table.columns = {"language", "tier",          "documents",          "text MB", "media MB",
                   "tokens",   "of all tokens", "tokens of its tier", "repeats"};
  for (const auto& rare : card.rare) {
    if (rare.tier.empty() == of_tiers) continue;
    std::vector<std::string> cells = {rare.language, named_or(rare.tier, "-")};
    add_counts(card, rare.counts, cells);
    cells.push_back(std::to_string(rare.aim));
    cells.push_back(rare.repeats == 0 ? "-" : std::to_string(rare.repeats));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

PageTable absent_table(const CorpusCard& card) {
  PageTable table;
  table.columns = {"tier", "languages of which nothing is there"};
  for (const auto& tier : language_tiers()) {
    std::vector<std::string> languages;
    for (const auto& absent : card.absent) {
      if (absent.tier == tier.name) languages.push_back(absent.language);
    }
    if (!languages.empty()) table.rows.push_back({std::string(tier.name), join_words(languages)});
  }
  return table;
}

std::string rare_note(const CorpusCard& card) {
  return fmt::format(
      "Rare: fewer than {} documents, {} MB of text or {} tokens. Repeats: how often a language "
      "would have to be read to have as many tokens as the middle one of its tier in this corpus "
      "(tiers of the Reka report, arXiv:2404.12387; the last for languages of none). Beyond some "
      "four repeats little is learnt (Muennighoff et al. 2023, arXiv:2305.16264).",
      card.config.min_documents, megabytes(card.config.min_text_bytes), card.config.min_tokens);
}

std::string lineage_note(const CorpusCard& card) {
  return fmt::format(
      "Configuration and inputs have the stamp {}; reka's build version is {}. The language of a "
      "document is that which the configuration gives its source, else that which its file names, "
      "else what {} tells. Hashes are XXH3-128 of the contents of all documents read, in order.",
      card.origin.stamp, card.origin.build_version, card.origin.detector);
}

const char* const kAllClear = "Every source names its licence and a package with its version.";

// "CC-BY-SA-3.0 AND OFL-1.1" -> both, in small letters.
std::set<std::string> hub_licences(const CorpusCard& card) {
  std::set<std::string> names;
  for (const auto& licence : card.licences) {
    std::string name;
    for (const char c : licence.name + " ") {
      if (c != ' ' && c != '(' && c != ')') {
        name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        continue;
      }
      if (!name.empty() && name != "and" && name != "or" && name != "with") names.insert(name);
      name.clear();
    }
    if (licence.name.empty()) names.insert("unknown");
  }
  return names;
}

std::string size_category(int64_t documents) {
  if (documents < 1000) return "n<1K";
  std::string lower = "1K";
  int64_t limit = 10'000;
  for (const auto* upper : {"10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T"}) {
    if (documents < limit) return fmt::format("{}<n<{}", lower, upper);
    lower = upper;
    limit *= 10;
  }
  return "n>1T";
}

std::string hub_head(const std::string& title, const CorpusReport& report, const CorpusCard& card) {
  std::set<std::string> languages, modalities;
  for (const auto& [cell, counts] : report.cells()) {
    if (!std::get<1>(cell).empty()) languages.insert(language_alone(std::get<1>(cell)));
    modalities.insert(std::string(modality_name(std::get<Modality>(cell))));
  }
  auto head = fmt::format("---\npretty_name: {}\n", Json(title).dump());
  const auto add_list = [&](const std::string& key, const std::set<std::string>& values) {
    if (values.empty()) return;
    head += key + ":\n";
    for (const auto& value : values) head += fmt::format("- \"{}\"\n", value);
  };
  add_list("license", hub_licences(card));
  add_list("language", languages);
  add_list("modality", modalities);
  add_list("size_categories", {size_category(card.total.documents)});
  return head + "---\n\n";
}

// The single figures of each stage: "clusters 12, dropped 30".
std::string stages_text(const Json& stages) {
  std::string text;
  for (const auto& [name, stage] : stages.items()) {
    std::vector<std::string> figures;
    for (const auto& [key, value] : stage.items()) {
      if (value.is_structured() || value.is_null()) continue;
      figures.push_back(key + " " + (value.is_string() ? value.get<std::string>() : value.dump()));
    }
    if (!figures.empty()) text += fmt::format("- {}: {}\n", name, join_words(figures, "; "));
  }
  return text;
}

}  // namespace

void show_card(const CorpusCard& card, Page& page) {
  page.heading("Licences");
  page.table(licences_table(card));
  page.heading("Unclear composition");
  if (card.unclear.empty()) {
    page.paragraph(kAllClear);
  } else {
    page.table(unclear_table(card));
  }
  page.heading("Rare languages");
  page.note(rare_note(card));
  const auto of_tiers = rare_table(card, true);
  const auto others = rare_table(card, false);
  if (!of_tiers.rows.empty()) page.table(of_tiers);
  if (!card.absent.empty()) page.table(absent_table(card));
  if (!others.rows.empty()) {
    page.begin_details(fmt::format("{} languages of no tier", others.rows.size()));
    page.table(others);
    page.end_details();
  }
  page.heading("Lineage");
  page.note(lineage_note(card));
  page.table(lineage_table(card));
  page.begin_details("Packages");
  page.table(packages_table(card));
  page.end_details();
}

std::string card_markdown(const std::string& title, const CorpusReport& report,
                          const CorpusCard& card, const Json& stages,
                          const std::string& configuration) {
  auto text = hub_head(title, report, card);
  text += fmt::format(
      "# {}\n\n{} documents, {} MB of text, {} media ({} MB), {} tokens, cleaned and tokenized by "
      "`reka data build`.\n",
      title, card.total.documents, megabytes(card.total.text_bytes), card.total.media,
      megabytes(card.total.media_bytes), card.total.tokens);
  if (!card.config.description.empty()) text += "\n" + card.config.description + "\n";
  if (!card.config.authors.empty())
    text += fmt::format("\nBy {}.\n", join_words(card.config.authors));
  const auto add = [&](const std::string& heading, const std::string& body) {
    if (!body.empty()) text += fmt::format("\n## {}\n\n{}", heading, body);
  };
  add("Sources", markdown(counts_table("source", report, source_of)));
  add("Languages", markdown(counts_table("language", report, language_of)));
  add("Read, kept and dropped", markdown(fates_by_language(report)));
  add("Stages", stages_text(stages));
  add("Licences", markdown(licences_table(card)));
  add("Unclear composition",
      card.unclear.empty() ? std::string(kAllClear) + "\n" : markdown(unclear_table(card)));
  add("Rare languages", rare_note(card) + "\n");
  for (const auto& table : {rare_table(card, true), absent_table(card), rare_table(card, false)}) {
    if (!table.rows.empty()) text += "\n" + markdown(table);
  }
  add("Lineage", lineage_note(card) + "\n\n" + markdown(lineage_table(card)) + "\n" +
                     markdown(packages_table(card)));
  add("Configuration",
      fmt::format(
          "Thresholds, tokenizer and evaluation sets, with the defaults:\n\n```yaml\n{}```\n",
          configuration));
  return text;
}

}  // namespace reka::data
