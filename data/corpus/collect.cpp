#include "data/corpus/collect.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "data/corpus/each_line.h"
#include "data/corpus/in_order.h"
#include "data/corpus/language.h"
#include "data/corpus/normalize.h"
#include "data/corpus/read_unit.h"
#include "reka/base/log.h"
#include "reka/base/progress.h"

namespace reka::data {
namespace {

constexpr size_t kChunkBytes = 4 << 20;

// The form in which a document is compared and kept; false when nothing is left of it.
bool prepare(Document& document, const SourceConfig& config) {
  std::string all_text;
  for (auto& part : document.parts) {
    if (part.kind != Part::Kind::kText) continue;
    part.text = normalize(part.text);
    all_text += part.text;
  }
  std::erase_if(document.parts, [](const Part& part) {
    return part.kind == Part::Kind::kText && part.text.empty();
  });
  if (!config.language.empty()) document.language = config.language;
  if (document.language.empty()) document.language = detect_language(all_text);
  return !document.parts.empty();
}

DocumentMark mark_of(const Document& document) {
  DocumentMark mark{.content = content_hash(document), .split = document.split};
  for (const auto& part : document.parts) {
    if (part.kind == Part::Kind::kText) mark.text_bytes += static_cast<uint32_t>(part.text.size());
  }
  return mark;
}

// Reads one unit of a source into the spool.
class UnitReader {
 public:
  UnitReader(const Source& source, Spool& spool) : source_(source), spool_(spool) {}

  ReadUnit read(size_t unit) && {
    source_.reader->read(
        unit, [this](Document&& document) { take(std::move(document)); },
        [this](const Skipped& item) { read_.skipped.add(item); });
    if (!packed_.empty()) close();
    read_.findings = source_.reader->findings(unit);
    return std::move(read_);
  }

 private:
  void take(Document&& document) {
    if (!prepare(document, source_.config)) {
      read_.skipped.add({document.id, "nothing but control characters"});
      return;
    }
    chunk_.marks.push_back(mark_of(document));
    chunk_.languages.push_back(document.language);
    if (document.split != Split::kTrain && document.media.empty()) {
      for (const auto& part : document.parts) {
        for_each_line(part.text, [this](std::string_view line) {
          read_.held_out_lines.push_back(xxh3_64(line));
        });
      }
    }
    pack_document(document, packed_);
    if (packed_.size() >= kChunkBytes) close();
  }

  void close() {
    chunk_.place = spool_.write(packed_);
    packed_.clear();
    read_.chunks.push_back(std::exchange(chunk_, {}));
  }

  const Source& source_;
  Spool& spool_;
  std::string packed_;
  ReadChunk chunk_;
  ReadUnit read_;
};

void add_chunk(size_t source, ReadChunk&& chunk, std::map<std::string, uint16_t>& language_ids,
               Collection& collection) {
  collection.chunks.push_back({chunk.place, source, collection.marks.size(), chunk.marks.size()});
  for (size_t n = 0; n < chunk.marks.size(); ++n) {
    const auto next = static_cast<uint16_t>(collection.languages.size());
    const auto [known, is_new] = language_ids.emplace(chunk.languages[n], next);
    if (is_new) collection.languages.push_back(chunk.languages[n]);
    chunk.marks[n].language = known->second;
    collection.marks.push_back(chunk.marks[n]);
  }
}

uint64_t end_of(const Journal& units) {
  uint64_t end = 0;
  units.for_each([&](const std::string& record) {
    for (const auto& chunk : unpack_unit(record).chunks) end = std::max(end, chunk.place.end());
  });
  return end;
}

// What an earlier process has read of a unit, if it is whole and the files are as they were.
std::optional<ReadUnit> unit_before(const Collection& collection, size_t number) {
  const auto record = collection.units.find(number);
  if (!record) return std::nullopt;
  auto unit = unpack_unit(*record);
  const auto is_there = [&](const ReadChunk& chunk) { return collection.spool.holds(chunk.place); };
  const auto is_as_before = [](const auto& file) { return file.second == file_state(file.first); };
  if (!std::ranges::all_of(unit.chunks, is_there) ||
      !std::ranges::all_of(unit.findings.opened, is_as_before))
    return std::nullopt;
  return unit;
}

}  // namespace

Collection::Collection(const std::filesystem::path& folder)
    : units(folder / "units", read_unit_version()), spool(folder / "documents", end_of(units)) {}

uint64_t Collection::hash() const {
  Hasher hasher;
  for (size_t n = 0; n < marks.size(); ++n) {
    hasher.update(std::as_bytes(std::span(&marks[n].content, 1)));
    hasher.update(std::as_bytes(std::span(&marks[n].split, 1)));
    hasher.update(language_of(n));
  }
  return hasher.hash64();
}

Document Collection::document(size_t number) const {
  const auto after =
      std::upper_bound(chunks.begin(), chunks.end(), number,
                       [](size_t wanted, const Chunk& chunk) { return wanted < chunk.first; });
  const auto& chunk = *std::prev(after);
  return std::move(spool.read(chunk.place)[number - chunk.first]);
}

void collect(const std::vector<Source>& sources, size_t num_threads, Collection& collection) {
  std::vector<std::pair<size_t, size_t>> tasks;  // source, unit
  for (size_t source = 0; source < sources.size(); ++source) {
    for (size_t unit = 0; unit < sources[source].reader->num_units(); ++unit) {
      tasks.emplace_back(source, unit);
    }
  }
  Progress progress("reading", static_cast<int64_t>(tasks.size()), "parts");
  std::map<std::string, uint16_t> language_ids;
  if (const auto before = collection.units.size(); before > 0)
    info("data: {} of {} parts were read before", before, tasks.size());
  InOrder<ReadUnit> units(tasks.size(), num_threads, [&](size_t n) {
    if (auto before = unit_before(collection, n)) return *std::move(before);
    auto unit = UnitReader(sources[tasks[n].first], collection.spool).read(tasks[n].second);
    collection.units.append(n, pack_unit(unit));
    return unit;
  });
  units.run([&](size_t n, ReadUnit&& unit) {
    const auto source = tasks[n].first;
    for (auto& chunk : unit.chunks) {
      add_chunk(source, std::move(chunk), language_ids, collection);
    }
    collection.skipped[sources[source].name].add(unit.skipped);
    collection.findings[sources[source].name].add(unit.findings);
    auto& lines = collection.held_out_lines;
    lines.insert(lines.end(), unit.held_out_lines.begin(), unit.held_out_lines.end());
    progress.advance();
  });
}

}  // namespace reka::data
