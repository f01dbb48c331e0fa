#include "data/corpus/collect.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "data/corpus/each_line.h"
#include "data/corpus/read_unit.h"
#include "reka/base/error.h"
#include "reka/base/log.h"
#include "reka/base/progress.h"

namespace reka::data {
namespace {

constexpr size_t kChunkBytes = 4 << 20;

// Reads one unit of a source into the spool.
class UnitReader {
 public:
  UnitReader(const Source& source, const Preparer& preparer, SharedSpool& spool)
      : source_(source), preparer_(preparer), spool_(spool) {}

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
    const auto row = prepare(document);
    if (!row) return;
    chunk_.marks.push_back({.content = content_hash(document),
                            .text_bytes = row->text_bytes,
                            .split = document.split});
    pack_row(*row, chunk_.signals);
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

  // nullopt, and counted: it is of no use.
  std::optional<SignalRow> prepare(Document& document) {
    try {
      auto row = preparer_.prepare(document, source_.config.language);
      if (!row) read_.skipped.add({document.id, "nothing but control characters"});
      return row;
    } catch (const DataError& error) {
      read_.skipped.add({document.id, error.what()});
      return std::nullopt;
    }
  }

  void close() {
    chunk_.place = spool_.write(packed_);
    packed_.clear();
    read_.chunks.push_back(std::exchange(chunk_, {}));
  }

  const Source& source_;
  const Preparer& preparer_;
  SharedSpool& spool_;
  std::string packed_;
  ReadChunk chunk_;
  ReadUnit read_;
};

void add_chunk(size_t source, ReadChunk&& chunk, std::map<std::string, uint16_t>& language_ids,
               Collection& collection, SignalWriter& signals) {
  auto rows = unpack_rows(chunk.signals);
  collection.chunks.push_back({chunk.place, source, collection.marks.size(), chunk.marks.size()});
  for (size_t n = 0; n < chunk.marks.size(); ++n) {
    const auto next = static_cast<uint16_t>(collection.languages.size());
    const auto [known, is_new] = language_ids.emplace(chunk.languages[n], next);
    if (is_new) collection.languages.push_back(chunk.languages[n]);
    chunk.marks[n].language = known->second;
    collection.marks.push_back(chunk.marks[n]);
    rows[n].source = static_cast<uint16_t>(source);
    rows[n].language = known->second;
    signals.add(std::move(rows[n]));
  }
}

uint64_t end_of(const Journal& units) {
  uint64_t end = 0;
  units.for_each([&](const std::string& record) {
    for (const auto& chunk : unpack_unit(record).chunks)
      end = std::max(end, chunk.place.chunk.end());
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

Collection::Collection(const std::filesystem::path& folder, size_t rank)
    : units(folder, "units", rank, read_unit_version()),
      spool(folder, "documents", rank, end_of(units.own())) {}

uint64_t Collection::hash() const {
  Hasher hasher;
  for (size_t n = 0; n < marks.size(); ++n) {
    hasher.update(std::as_bytes(std::span(&marks[n].content, 1)));
    hasher.update(std::as_bytes(std::span(&marks[n].split, 1)));
    hasher.update(language_of(n));
  }
  return hasher.hash64();
}

const Collection::Chunk& Collection::chunk_of(size_t number) const {
  const auto after =
      std::upper_bound(chunks.begin(), chunks.end(), number,
                       [](size_t wanted, const Chunk& chunk) { return wanted < chunk.first; });
  return *std::prev(after);
}

Document Collection::document(size_t number) const {
  const auto& chunk = chunk_of(number);
  return std::move(unpack_documents(spool.read(chunk.place))[number - chunk.first]);
}

void collect(const std::vector<Source>& sources, const Crew& crew, const PrepareConfig& config,
             const std::filesystem::path& folder, Collection& collection) {
  const Preparer preparer(config);
  SignalWriter signals(folder);
  std::vector<std::pair<size_t, size_t>> tasks;  // source, unit
  for (size_t source = 0; source < sources.size(); ++source) {
    for (size_t unit = 0; unit < sources[source].reader->num_units(); ++unit) {
      tasks.emplace_back(source, unit);
    }
  }
  crew.meet();  // all have opened their files
  collection.units.read_others();
  Progress progress("reading", static_cast<int64_t>(tasks.size()), "parts");
  std::map<std::string, uint16_t> language_ids;
  if (const auto before = collection.units.size(); before > 0)
    info("data: {} of {} parts were read before", before, tasks.size());
  const auto read = [&](size_t n) {
    if (auto before = unit_before(collection, n)) return *std::move(before);
    auto unit =
        UnitReader(sources[tasks[n].first], preparer, collection.spool).read(tasks[n].second);
    collection.units.append(n, pack_unit(unit));
    return unit;
  };
  crew.run<ReadUnit>(tasks.size(), read, [&](size_t n, ReadUnit&& unit) {
    const auto source = tasks[n].first;
    for (auto& chunk : unit.chunks) {
      add_chunk(source, std::move(chunk), language_ids, collection, signals);
    }
    collection.skipped[sources[source].name].add(unit.skipped);
    collection.findings[sources[source].name].add(unit.findings);
    auto& lines = collection.held_out_lines;
    lines.insert(lines.end(), unit.held_out_lines.begin(), unit.held_out_lines.end());
    progress.advance();
  });
  std::vector<std::string> names;
  for (const auto& source : sources) names.push_back(source.name);
  collection.signals.emplace(signals.finish(names, collection.languages, preparer.detector_name()));
}

}  // namespace reka::data
