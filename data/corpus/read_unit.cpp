#include "data/corpus/read_unit.h"

#include <utility>

#include "data/corpus/packing.h"
#include "data/corpus/signals.h"
#include "reka/base/hash.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

constexpr uint64_t kUnitFormat = 4;

void pack(const SkipCounts& skipped, Packer& to) {
  to.number<uint64_t>(skipped.reasons().size());
  for (const auto& [name, reason] : skipped.reasons()) {
    to.text(name);
    to.number(reason.count);
    to.number<uint64_t>(reason.examples.size());
    for (const auto& item : reason.examples) {
      to.text(item.place);
      to.text(item.finding);
    }
  }
}

SkipCounts unpack_skipped(Unpacker& from) {
  SkipCounts skipped;
  for (auto left = from.number<uint64_t>(); left > 0; --left) {
    auto name = from.text();
    SkipCounts::Reason reason{.count = from.number<int64_t>()};
    for (auto examples = from.number<uint64_t>(); examples > 0; --examples) {
      auto place = from.text();
      reason.examples.push_back({std::move(place), from.text()});
    }
    skipped.add(name, reason);
  }
  return skipped;
}

}  // namespace

uint64_t read_unit_version() {
  Hasher signals;
  for (const auto& column : signal_columns()) signals.update(versioned_name(column) + "\n");
  return mix64(kUnitFormat, sizeof(DocumentMark), signals.hash64());
}

std::string pack_unit(const ReadUnit& unit) {
  std::string bytes;
  Packer to(bytes);
  to.number<uint64_t>(unit.chunks.size());
  for (const auto& chunk : unit.chunks) {
    to.number(chunk.place);
    to.numbers(chunk.marks);
    for (const auto& language : chunk.languages) to.text(language);
    to.text(chunk.signals);
  }
  pack(unit.skipped, to);
  to.numbers(unit.held_out_lines);
  to.number<uint64_t>(unit.findings.opened.size());
  for (const auto& [path, state] : unit.findings.opened) {
    to.text(path);
    to.text(state);
  }
  to.number<uint64_t>(unit.findings.counts.size());
  for (const auto& [name, count] : unit.findings.counts) {
    to.text(name);
    to.number(count);
  }
  return bytes;
}

ReadUnit unpack_unit(std::string_view bytes) {
  ReadUnit unit;
  Unpacker from(bytes);
  unit.chunks.resize(from.number<uint64_t>());
  for (auto& chunk : unit.chunks) {
    chunk.place = from.number<SharedSpool::Place>();
    chunk.marks = from.numbers<DocumentMark>();
    for (size_t n = 0; n < chunk.marks.size(); ++n) chunk.languages.push_back(from.text());
    chunk.signals = from.text();
  }
  unit.skipped = unpack_skipped(from);
  unit.held_out_lines = from.numbers<uint64_t>();
  for (auto left = from.number<uint64_t>(); left > 0; --left) {
    auto path = from.text();
    unit.findings.opened[path] = from.text();
  }
  for (auto left = from.number<uint64_t>(); left > 0; --left) {
    auto name = from.text();
    unit.findings.counts[name] = from.number<int64_t>();
  }
  return unit;
}

}  // namespace reka::data
