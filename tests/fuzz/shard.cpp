#include <algorithm>
#include <cstring>
#include <string>

#include "data/shards/format.h"
#include "data/shards/reader.h"
#include "reka/base/hash.h"
#include "tests/fuzz/input.h"

namespace {

using namespace reka::data;

// Hashes that fit what the sections hold, so that more than the hashes is tried.
std::string with_hashes(std::string bytes) {
  ShardHeader header;
  if (bytes.size() < 2 * sizeof(header)) return bytes;
  std::memcpy(&header, bytes.data(), sizeof(header));
  for (auto& entry : header.sections) {
    if (entry.offset > bytes.size() || entry.length > bytes.size() - entry.offset) continue;
    entry.hash = reka::xxh3_64(std::string_view(bytes).substr(entry.offset, entry.length));
  }
  header.file_bytes = bytes.size();
  header.hash = header.compute_hash();
  std::memcpy(bytes.data(), &header, sizeof(header));
  std::memcpy(bytes.data() + bytes.size() - sizeof(header), &header, sizeof(header));
  return bytes;
}

void read_shard(std::string_view bytes) {
  const reka::fuzz::InputFile file(bytes);
  reka::fuzz::parsed([&] {
    const ShardReader shard(file.path());
    for (size_t n = 0; n < std::min<size_t>(shard.size(), 100); ++n) {
      reka::fuzz::parsed([&] { shard.sample(n); });
      shard.document_id(n);
    }
  });
}

}  // namespace

// Shards as they are, and with hashes that fit.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  read_shard(bytes);
  read_shard(with_hashes(bytes));
  return 0;
}
