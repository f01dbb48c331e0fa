#include <algorithm>
#include <fstream>

#include "data/corpus/megatron_index.h"
#include "tests/fuzz/input.h"

// The index; its .bin is always the same 4 KB.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto folder = [] {
    std::string name = "/dev/shm/reka-fuzz-XXXXXX";
    std::filesystem::path made = mkdtemp(name.data());
    std::ofstream(made / "a.bin", std::ios::binary) << std::string(4096, '\1');
    return made;
  }();
  std::ofstream(folder / "a.idx", std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<long>(size));
  return reka::fuzz::parsed([&] {
    const reka::data::MegatronIndex index(folder / "a.idx");
    for (size_t n = 0; n < std::min<size_t>(index.num_documents(), 100); ++n) {
      reka::fuzz::parsed([&] { index.begin(n); });
      reka::fuzz::parsed([&] {
        if (index.document(n).size() > 4096) __builtin_trap();
      });
    }
  });
}
