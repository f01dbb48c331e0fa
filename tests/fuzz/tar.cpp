#include "data/corpus/tar.h"

#include "tests/fuzz/input.h"

// Archives, also packed ones, as data/corpus/webdataset.cpp reads them.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using reka::data::TarReader;
  const reka::fuzz::InputFile file(data, size);
  return reka::fuzz::parsed([&] {
    constexpr int64_t kMost = 1 << 16;
    TarReader reader(file.path(), kMost);
    TarReader::Member member;
    while (true) {
      const auto got = reader.next(member);
      if (got == TarReader::Got::kFile) {
        if (member.bytes.size() > kMost) __builtin_trap();
      } else if (got != TarReader::Got::kDamaged) {
        break;
      }
    }
  });
}
