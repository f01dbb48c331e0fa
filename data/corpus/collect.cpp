#include "data/corpus/collect.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "data/corpus/each_line.h"
#include "data/corpus/packing.h"
#include "data/corpus/read_part.h"
#include "data/corpus/signals.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/log.h"
#include "reka/base/progress.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

constexpr size_t kChunkBytes = 4 << 20;
constexpr uint64_t kPartFormat = 5;

// Changes with anything that changes what a part holds, or what documents look like in the spool.
uint64_t part_version() {
  Hasher signals;
  for (const auto& column : signal_columns()) signals.update(versioned_name(column) + "\n");
  return mix64(kPartFormat, sizeof(DocumentMark), signals.hash64());
}

uint64_t record_of(size_t unit, uint64_t part) {
  return static_cast<uint64_t>(unit) << 32U | part;
}

// Reads one unit of a source into the spool, part after part, from where an earlier process was.
class UnitReader {
 public:
  // `number`: of the unit, among those of all sources. `advance()` is called for each document.
  UnitReader(const Source& source, size_t unit, size_t number, const Preparer& preparer,
             Collection& collection, const std::function<void()>& advance)
      : source_(source),
        unit_(unit),
        number_(number),
        preparer_(preparer),
        collection_(collection),
        advance_(advance) {}

  // Where its parts are.
  std::vector<SharedSpool::Place> read() && {
    if (take_over()) return std::move(places_);
    source_.reader->read(
        unit_,
        [this](Document&& document) {
          if (is_new()) take(std::move(document));
        },
        [this](const Skipped& item) {
          if (is_new()) part_.skipped.add(item);
        });
    if (told_ < begin_) {
      throw DataError("data.sources.{}: has changed since it was read: must stay as it is",
                      source_.name);
    }
    close(true);
    return std::move(places_);
  }

 private:
  // Whether the whole unit was read before.
  bool take_over() {
    while (const auto record = collection_.units.find(record_of(number_, places_.size()))) {
      const auto placed = from_bytes<PlacedPart>(*record);
      if (placed.begin != begin_ || !is_there(placed)) break;
      places_.push_back(placed.place);
      begin_ = placed.end;
      if (placed.last) return true;
    }
    return false;
  }

  // Undamaged, of files that are as they were.
  bool is_there(const PlacedPart& placed) const {
    const auto& spool = collection_.spool;
    if (!spool.holds(placed.place)) return false;
    const auto part = from_bytes<ReadPart>(spool.read(placed.place));
    return (!part.chunk || spool.holds(part.chunk->place)) &&
           std::ranges::all_of(part.findings.opened, [](const auto& file) {
             return file.second == file_state(file.first);
           });
  }

  // What the reader tells of up to `begin_` was read before.
  bool is_new() {
    if (told_++ >= begin_) return true;
    if (told_ == begin_) source_.reader->findings(unit_);
    return false;
  }

  void take(Document&& document) {
    auto row = prepare(document);
    if (!row) return;
    advance_();
    if (!part_.chunk) part_.chunk.emplace();
    auto& chunk = *part_.chunk;
    chunk.marks.push_back({.content = content_hash(document),
                           .text_bytes = row->text_bytes,
                           .split = document.split});
    chunk.rows.push_back(*std::move(row));
    chunk.languages.push_back(document.language);
    if (document.split != Split::kTrain && document.media.empty()) {
      for (const auto& part : document.parts) {
        for_each_line(part.text, [this](std::string_view line) {
          part_.held_out_lines.push_back(xxh3_64(line));
        });
      }
    }
    pack_document(document, packed_);
    if (packed_.size() >= kChunkBytes) close(false);
  }

  // nullopt, and counted: it is of no use.
  std::optional<SignalRow> prepare(Document& document) {
    try {
      auto row = preparer_.prepare(document, source_.config.language);
      if (!row) part_.skipped.add({document.id, "nothing but control characters"});
      return row;
    } catch (const DataError& error) {
      part_.skipped.add({document.id, error.what()});
      return std::nullopt;
    }
  }

  void close(bool last) {
    if (part_.chunk) part_.chunk->place = collection_.spool.write(packed_);
    packed_.clear();
    part_.findings = source_.reader->findings(unit_);
    const PlacedPart placed{begin_, told_, last, collection_.spool.write(to_bytes(part_))};
    collection_.units.append(record_of(number_, places_.size()), to_bytes(placed));
    places_.push_back(placed.place);
    begin_ = told_;
    part_ = {};
  }

  const Source& source_;
  size_t unit_, number_;
  const Preparer& preparer_;
  Collection& collection_;
  const std::function<void()>& advance_;
  uint64_t begin_ = 0;  // of the part, in what the reader tells of
  uint64_t told_ = 0;
  ReadPart part_;
  std::string packed_;  // documents of the part
  std::vector<SharedSpool::Place> places_;
};

void add_chunk(size_t source, ReadChunk&& chunk, std::map<std::string, uint16_t>& language_ids,
               Collection& collection, SignalWriter& signals) {
  collection.chunks.push_back({chunk.place, source, collection.marks.size(), chunk.marks.size()});
  for (size_t n = 0; n < chunk.marks.size(); ++n) {
    const auto next = static_cast<uint16_t>(collection.languages.size());
    const auto [known, is_new] = language_ids.emplace(chunk.languages[n], next);
    if (is_new) collection.languages.push_back(chunk.languages[n]);
    chunk.marks[n].language = known->second;
    collection.marks.push_back(chunk.marks[n]);
    chunk.rows[n].source = static_cast<uint16_t>(source);
    chunk.rows[n].language = known->second;
    signals.add(std::move(chunk.rows[n]));
  }
}

uint64_t end_of(const Journal& units) {
  uint64_t end = 0;
  units.for_each([&](const std::string& record) {
    end = std::max(end, from_bytes<PlacedPart>(record).place.chunk.end());
  });
  return end;
}

}  // namespace

Collection::Collection(const std::filesystem::path& folder, size_t rank)
    : units(folder, "units", rank, part_version()),
      spool(folder, "documents", rank, end_of(units.own())),
      marks(folder, "the hashes of all documents") {}

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
  if (const auto before = collection.units.size(); before > 0)
    info("data: {} pieces of the sources were read before", before);
  Progress progress("reading", static_cast<int64_t>(tasks.size()), "parts");
  std::atomic<int64_t> documents = 0;
  progress.also([&] { return fmt::format("{} documents", count_text(double(documents))); });
  const std::function<void()> advance = [&] {
    ++documents;
    progress.advance(0);  // a unit may take hours
  };
  std::map<std::string, uint16_t> language_ids;
  using Places = std::vector<SharedSpool::Place>;
  const auto read = [&](size_t n) {
    const auto& [source, unit] = tasks[n];
    return UnitReader(sources[source], unit, n, preparer, collection, advance).read();
  };
  crew.run<Places>(tasks.size(), read, [&](size_t n, Places&& places) {
    const auto source = tasks[n].first;
    for (const auto& place : places) {
      auto part = from_bytes<ReadPart>(collection.spool.read(place));
      if (part.chunk) add_chunk(source, *std::move(part.chunk), language_ids, collection, signals);
      collection.skipped[sources[source].name].add(part.skipped);
      collection.findings[sources[source].name].add(part.findings);
      auto& lines = collection.held_out_lines;
      lines.insert(lines.end(), part.held_out_lines.begin(), part.held_out_lines.end());
    }
    progress.advance();
  });
  std::vector<std::string> names;
  names.reserve(sources.size());
  for (const auto& source : sources) names.push_back(source.name);
  collection.signals.emplace(signals.finish(names, collection.languages, preparer.detector_name()));
}

}  // namespace reka::data
