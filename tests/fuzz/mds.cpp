#include <algorithm>
#include <cstring>

#include "data/corpus/mds_shard.h"
#include "reka/base/files.h"
#include "tests/fuzz/input.h"

// An index.json, a byte 0, and the shard that it tells of, whose size and count are set right so
// that what stands behind them is reached too.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reka::data;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto index = bytes.substr(0, bytes.find('\0'));
  const auto shard_bytes = bytes.substr(std::min(index.size() + 1, size));
  return reka::fuzz::parsed([&] {
    for (auto& info : MdsShardInfo::parse(index, "index.json")) {
      info.raw.bytes = static_cast<int64_t>(shard_bytes.size());
      uint32_t count = 0;
      if (shard_bytes.size() >= sizeof(count))
        std::memcpy(&count, shard_bytes.data(), sizeof(count));
      info.samples = count;
      const MdsShard shard(reka::as_bytes(shard_bytes), info);
      for (size_t n = 0; n < std::min<size_t>(shard.size(), 100); ++n) {
        reka::fuzz::parsed([&] {
          const auto values = shard.sample(n);
          for (size_t column = 0; column < values.size(); ++column) {
            const auto& encoding = info.columns[column].encoding;
            reka::fuzz::parsed([&] { mds_integers(encoding, values[column]); });
            reka::fuzz::parsed([&] { mds_text(encoding, values[column]); });
          }
        });
      }
    }
  });
}
