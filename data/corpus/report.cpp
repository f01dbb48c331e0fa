#include "data/corpus/report.h"

#include <algorithm>
#include <functional>

namespace reka::data {
namespace {

constexpr size_t kExamples = 5;

// The finding without what differs from item to item: its place, other paths, numbers. Numbers
// within a word, as in UTF-8, stay.
std::string reason_of(const Skipped& item) {
  auto finding = without_place(item.finding, item.place);
  std::string reason;
  while (!finding.empty()) {
    const auto word = finding.substr(0, finding.find(' '));
    finding.remove_prefix(std::min(word.size() + 1, finding.size()));
    const bool is_number = !word.empty() && word[0] >= '0' && word[0] <= '9';
    reason.append(reason.empty() ? "" : " ");
    reason.append(word.starts_with('/') ? "FILE" : is_number ? "#" : word);
  }
  return reason;
}

Json to_json(const CorpusReport::Counts& counts) {
  Json json = {{"documents", counts.documents},
               {"text_bytes", counts.text_bytes},
               {"text_tokens", counts.text_tokens},
               {"tokens", counts.tokens},
               {"media", counts.media},
               {"media_bytes", counts.media_bytes}};
  if (counts.text_tokens > 0) {
    json["bytes_per_token"] =
        static_cast<double>(counts.text_bytes) / static_cast<double>(counts.text_tokens);
  }
  return json;
}

Json to_json(const SourceReport& source) {
  Json skipped = Json::array();
  for (const auto& [reason, found] : source.skipped.reasons()) {
    Json examples = Json::array();
    for (const auto& item : found.examples) {
      examples.push_back({{"place", item.place}, {"finding", item.finding}});
    }
    skipped.push_back({{"reason", reason}, {"count", found.count}, {"examples", examples}});
  }
  return {{"taken_out", source.taken_out}, {"skipped", skipped}, {"notes", source.notes}};
}

using NameOf = std::function<std::string(const CorpusReport::Cell&)>;

Json summed(const std::map<CorpusReport::Cell, CorpusReport::Counts>& cells,
            const NameOf& name_of) {
  std::map<std::string, CorpusReport::Counts> sums;
  for (const auto& [cell, counts] : cells) sums[name_of(cell)] += counts;
  Json json = Json::object();
  for (const auto& [name, counts] : sums) json[name] = to_json(counts);
  return json;
}

// Documents by fate of the cells that `is_of` takes.
Json fates_of(const CorpusReport& report,
              const std::function<bool(const CorpusReport::FateCell&)>& is_of) {
  std::map<Fate, int64_t> sums;
  for (const auto& [cell, fated] : report.fates()) {
    if (is_of(cell)) sums[std::get<Fate>(cell)] += fated.documents;
  }
  Json json = Json::object();
  for (const auto& [fate, documents] : sums) json[fate_name(fate)] = documents;
  return json;
}

Json fate_rows(const CorpusReport& report) {
  Json rows = Json::array();
  for (const auto& [cell, fated] : report.fates()) {
    const auto& [source, language, fate] = cell;
    rows.push_back({{"source", source},
                    {"language", language},
                    {"fate", fate_name(fate)},
                    {"documents", fated.documents},
                    {"text_bytes", fated.text_bytes}});
  }
  return rows;
}

}  // namespace

void SkipCounts::add(const Skipped& item) {
  auto& reason = reasons_[reason_of(item)];
  ++reason.count;
  if (reason.examples.size() < kExamples) reason.examples.push_back(item);
}

void SkipCounts::add(const SkipCounts& later) {
  for (const auto& [name, found] : later.reasons_) {
    auto& reason = reasons_[name];
    reason.count += found.count;
    for (const auto& item : found.examples) {
      if (reason.examples.size() < kExamples) reason.examples.push_back(item);
    }
  }
}

int64_t SkipCounts::total() const {
  int64_t total = 0;
  for (const auto& [name, reason] : reasons_) total += reason.count;
  return total;
}

CorpusReport::Counts& CorpusReport::Counts::operator+=(const Counts& other) {
  documents += other.documents;
  text_bytes += other.text_bytes;
  text_tokens += other.text_tokens;
  tokens += other.tokens;
  media += other.media;
  media_bytes += other.media_bytes;
  return *this;
}

void CorpusReport::add(const Sample& sample) {
  const auto modality = sample.media.empty() ? Modality::kText : sample.media[0].modality;
  auto& counts = cells_[{sample.source, sample.language, modality, sample.split}];
  ++counts.documents;
  counts.text_bytes += sample.text_bytes;
  for (const auto& run : sample.targets) counts.text_tokens += run.length;
  --counts.text_tokens;  // <|endoftext|>, always a target
  counts.tokens += static_cast<int64_t>(sample.tokens.size());
  counts.media += static_cast<int64_t>(sample.media.size());
  for (const auto& medium : sample.media) {
    counts.media_bytes += static_cast<int64_t>(medium.bytes.size());
  }
}

void CorpusReport::add_fate(const std::string& source, const std::string& language,
                            const Fate& fate, int64_t text_bytes) {
  auto& fated = fates_[{source, language, fate}];
  ++fated.documents;
  fated.text_bytes += text_bytes;
}

int64_t CorpusReport::dropped(const std::string& source) const {
  int64_t documents = 0;
  for (const auto& [cell, fated] : fates_) {
    const bool is_kept = std::get<Fate>(cell).kind == Fate::Kind::kKept;
    if (std::get<0>(cell) == source && !is_kept) documents += fated.documents;
  }
  return documents;
}

CorpusReport::Counts CorpusReport::total() const {
  Counts total;
  for (const auto& [cell, counts] : cells_) total += counts;
  return total;
}

Json CorpusReport::json() const {
  Json rows = Json::array();
  for (const auto& [cell, counts] : cells_) {
    const auto& [source, language, modality, split] = cell;
    Json row = {{"source", source},
                {"language", language},
                {"modality", modality_name(modality)},
                {"split", kSplitNames[static_cast<size_t>(split)]}};
    row.update(to_json(counts));
    rows.push_back(std::move(row));
  }
  Json sources = summed(cells_, [](const Cell& cell) { return std::get<0>(cell); });
  for (const auto& entry : sources_) {
    const auto& name = entry.first;
    auto& json = sources[name];
    json["fates"] = fates_of(*this, [&](const auto& cell) { return std::get<0>(cell) == name; });
    json.update(to_json(entry.second));
  }
  return {{"total", to_json(total())},
          {"fates", fates_of(*this, [](const auto&) { return true; })},
          {"sources", sources},
          {"languages", summed(cells_, [](const Cell& cell) { return std::get<1>(cell); })},
          {"modalities",
           summed(cells_,
                  [](const Cell& cell) { return std::string(modality_name(std::get<2>(cell))); })},
          {"splits", summed(cells_,
                            [](const Cell& cell) {
                              const auto split = static_cast<size_t>(std::get<3>(cell));
                              return std::string(kSplitNames[split]);
                            })},
          {"rows", rows},
          {"fate_rows", fate_rows(*this)}};
}

}  // namespace reka::data
