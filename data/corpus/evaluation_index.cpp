#include "data/corpus/evaluation_index.h"

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "data/corpus/byte_stream.h"
#include "data/corpus/files.h"
#include "data/corpus/record.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostItemBytes = 64 << 20;
constexpr uint64_t kFilterBitsOfEntry = 16;

// All texts below a value, one behind the other; of a message its content and not its role.
void add_texts(simdjson::dom::element value, std::string& text) {
  simdjson::dom::object object;
  simdjson::dom::array array;
  std::string_view string;
  if (value.get(string) == simdjson::SUCCESS) {
    text.append(text.empty() ? "" : "\n").append(string);
  } else if (value.get(array) == simdjson::SUCCESS) {
    for (const auto item : array) add_texts(item, text);
  } else if (value.get(object) == simdjson::SUCCESS) {
    for (const auto field : object) {
      if (field.key != "role" && field.key != "type") add_texts(field.value, text);
    }
  }
}

std::string item_text(const simdjson::dom::object& record, const std::vector<std::string>& keys,
                      std::set<std::string>& seen) {
  std::string text;
  if (keys.empty()) {
    for (const auto field : record) add_texts(field.value, text);
  }
  for (const auto& key : keys) {
    auto value = record.at_key(key);
    if (value.error() != simdjson::SUCCESS) continue;
    seen.insert(key);
    add_texts(value.value(), text);
  }
  return text;
}

std::string item_name(const simdjson::dom::object& record, const std::string& place) {
  for (const auto* key : {"id", "task_id"}) {
    if (auto name = record_text(record, key); !name.empty()) return name;
  }
  return place;
}

// Whether a run of words says something: a column of numbers is "0 0 0 0 ..." anywhere.
bool is_telling(const Shingler& shingler, size_t first) {
  constexpr size_t kLeastDifferentWords = 3;
  std::vector<std::string_view> different;
  for (size_t n = 0; n < shingler.ngram() && different.size() < kLeastDifferentWords; ++n) {
    const auto word = shingler.words(first + n, 1);
    if (std::ranges::find(different, word) == different.end()) different.push_back(word);
  }
  return different.size() == kLeastDifferentWords;
}

}  // namespace

EvaluationIndex::EvaluationIndex(const DecontaminationConfig& config, const fs::path& root,
                                 const std::string& key)
    : ngram_(static_cast<size_t>(config.ngram)), longest_(static_cast<size_t>(config.longest)) {
  for (const auto& [name, set] : config.sets) {
    sets_.push_back({.name = name});
    read_set(fmt::format("{}.sets.{}", key, name), set, root);
  }
  std::sort(entries_.begin(), entries_.end());
  entries_.erase(std::unique(entries_.begin(), entries_.end()), entries_.end());
  drop_frames(config.frame_items);
  fill_filter();
}

void EvaluationIndex::read_set(const std::string& key, const EvaluationSetConfig& config,
                               const fs::path& root) {
  auto& set = sets_.back();
  auto shingler = make_shingler();
  simdjson::dom::parser parser;
  std::set<std::string> seen;
  for (const auto& file : find_files(root, config.path, key)) {
    LineReader lines(file.path, kMostItemBytes);
    for (auto got = lines.next(); got != LineReader::Got::kEnd; got = lines.next()) {
      const auto place = fmt::format("{}:{}", file.path.string(), lines.number());
      if (got == LineReader::Got::kFailed) {
        throw DataError("{}: {}", file.path.string(), lines.failure());
      }
      if (got == LineReader::Got::kTooLong) {
        throw DataError("{}: {} bytes: must be an item of at most {}", place, lines.bytes(),
                        kMostItemBytes);
      }
      if (lines.line().find_first_not_of(" \t\r") == std::string_view::npos) continue;
      try {
        const auto record = parse_record(parser, lines.line());
        const auto hashes = shingler.shingles(item_text(record, config.keys, seen));
        ++set.items;
        if (hashes.empty()) ++set.too_short;
        const auto item = static_cast<uint32_t>(items_.size());
        items_.push_back(item_name(record, place));
        for (size_t n = 0; n < hashes.size(); ++n) {
          if (!is_telling(shingler, n)) continue;
          entries_.push_back({hashes[n], static_cast<uint32_t>(sets_.size() - 1), item});
        }
      } catch (const DataError& error) {
        throw DataError("{}: {}", place, error.what());
      }
    }
  }
  for (const auto& wanted : config.keys) {
    if (seen.contains(wanted)) continue;
    throw DataError("{}.keys: \"{}\": must be a key of its {} items", key, wanted, set.items);
  }
  if (set.items == 0) throw DataError("{}: no item in {}: must have some", key, config.path);
}

// Leaves one entry of each hash, the first; none of those that too many items of a set have.
void EvaluationIndex::drop_frames(int64_t frame_items) {
  size_t kept = 0;
  for (size_t begin = 0; begin < entries_.size();) {
    const auto hash = entries_[begin].hash;
    bool frame = false;
    auto end = begin;
    while (end < entries_.size() && entries_[end].hash == hash) {
      const auto set = entries_[end].set;
      const auto first = end;
      while (end < entries_.size() && entries_[end].hash == hash && entries_[end].set == set) ++end;
      const bool too_many = static_cast<int64_t>(end - first) > frame_items;
      ++(too_many ? sets_[set].frame : sets_[set].ngrams);
      frame = frame || too_many;
    }
    if (!frame) entries_[kept++] = entries_[begin];
    begin = end;
  }
  entries_.resize(kept);
}

void EvaluationIndex::fill_filter() {
  const auto bits = std::bit_ceil(std::max<uint64_t>(64, entries_.size() * kFilterBitsOfEntry));
  filter_.assign(bits / 64, 0);
  filter_mask_ = bits - 1;
  for (const auto& entry : entries_) {
    const auto bit = entry.hash & filter_mask_;
    filter_[bit / 64] |= uint64_t{1} << (bit % 64);
  }
}

bool EvaluationIndex::may_hold(uint64_t hash) const {
  const auto bit = hash & filter_mask_;
  return (filter_[bit / 64] >> (bit % 64) & 1) != 0;
}

const EvaluationIndex::Entry* EvaluationIndex::find_entry(uint64_t hash) const {
  if (!may_hold(hash)) return nullptr;
  const auto found = std::ranges::lower_bound(entries_, hash, {}, &Entry::hash);
  return found != entries_.end() && found->hash == hash ? &*found : nullptr;
}

std::optional<EvaluationIndex::Match> EvaluationIndex::find(std::string_view text,
                                                            Shingler& shingler) const {
  const auto hashes = shingler.shingles(text);
  size_t best = 0, best_ngrams = 0;
  for (size_t begin = 0; begin < hashes.size(); ++begin) {
    auto end = begin;
    while (end < hashes.size() && find_entry(hashes[end]) != nullptr) ++end;
    if (end - begin > best_ngrams) {
      best = begin;
      best_ngrams = end - begin;
    }
    begin = std::max(begin, end);
  }
  const auto words = best_ngrams + ngram_ - 1;
  if (best_ngrams == 0 || words < longest_) return std::nullopt;
  const auto* entry = find_entry(hashes[best]);
  return Match{.set = entry->set,
               .item = items_[entry->item],
               .words = words,
               .text = std::string(shingler.words(best, words))};
}

}  // namespace reka::data
