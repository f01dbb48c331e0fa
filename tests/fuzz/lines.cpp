#include "data/corpus/byte_stream.h"
#include "data/corpus/csv.h"
#include "tests/fuzz/input.h"

// Lines of plain and packed files, and the same bytes as CSV.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using reka::data::LineReader;
  const reka::fuzz::InputFile file(data, size);
  return reka::fuzz::parsed([&] {
    constexpr int64_t kMost = 1000;
    LineReader lines(file.path(), kMost);
    for (auto got = lines.next(); got != LineReader::Got::kEnd; got = lines.next()) {
      if (got == LineReader::Got::kFailed) break;
      if (lines.line().size() > kMost) __builtin_trap();
    }
    reka::data::CsvReader csv({reinterpret_cast<const char*>(data), size});
    while (csv.next()) {
    }
  });
}
