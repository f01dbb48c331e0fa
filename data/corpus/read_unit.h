#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/mark.h"
#include "data/corpus/packing.h"
#include "data/corpus/reader.h"
#include "data/corpus/report.h"
#include "data/corpus/spool.h"

namespace reka::data {

/// Documents of one unit that stand together in the spool.
struct ReadChunk {
  SharedSpool::Place place;
  std::vector<DocumentMark> marks;  // their language is set later
  std::vector<std::string> languages;
  std::string signals;  // a row for each, by pack_row
};

/// What is kept of a unit of a source that was read to its end.
struct ReadUnit {
  std::vector<ReadChunk> chunks;
  SkipCounts skipped;
  std::vector<uint64_t> held_out_lines;
  Findings findings;
};

/// Changes with anything that changes what follows, or what documents look like in the spool.
uint64_t read_unit_version();

std::string pack_unit(const ReadUnit& unit);
ReadUnit unpack_unit(std::string_view bytes);

namespace detail {

template <>
struct Packing<ReadUnit> {
  static void pack(const ReadUnit& unit, Packer& to) { to.text(pack_unit(unit)); }
  static ReadUnit unpack(Unpacker& from) { return unpack_unit(from.text()); }
};

}  // namespace detail

}  // namespace reka::data
