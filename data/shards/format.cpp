#include "data/shards/format.h"

#include <bit>

#include "reka/base/hash.h"

namespace reka::data {
namespace {

static_assert(std::endian::native == std::endian::little, "shards are mapped as they are");

template <typename T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

}  // namespace

uint64_t ShardHeader::compute_hash() const {
  return xxh3_64(bytes_of(*this).first(offsetof(ShardHeader, hash)));
}

IndexLayout::IndexLayout(uint64_t num_samples, uint64_t num_languages) {
  uint64_t end = 0;
  const auto place = [&](uint64_t count, uint64_t size) {
    const auto begin = end;
    end = aligned(begin + count * size);
    return begin;
  };
  token_begin = place(num_samples + 1, sizeof(uint64_t));
  id = place(num_samples, sizeof(uint64_t));
  key = place(num_samples, sizeof(uint64_t));
  target_begin = place(num_samples + 1, sizeof(uint32_t));
  media_begin = place(num_samples + 1, sizeof(uint32_t));
  text_bytes = place(num_samples, sizeof(uint32_t));
  string_begin = place(num_samples + num_languages + 2, sizeof(uint32_t));
  language = place(num_samples, sizeof(uint16_t));
  flags = place(num_samples, sizeof(uint8_t));
  row = place(num_samples, sizeof(uint64_t));
  alike = place(num_samples, sizeof(uint32_t));
  length = end;
}

uint64_t content_hash(std::span<const int32_t> tokens, std::span<const TargetRun> targets,
                      std::span<const SampleMedia> media) {
  Hasher hasher;
  const std::array<uint64_t, 3> counts = {tokens.size(), targets.size(), media.size()};
  hasher.update(bytes_of(counts));
  hasher.update(std::as_bytes(tokens));
  hasher.update(std::as_bytes(targets));
  for (const auto& item : media) {
    const MediaRecord record{.blob_begin = 0,
                             .blob_bytes = item.bytes.size(),
                             .token = static_cast<uint32_t>(item.token),
                             .width = item.geometry.width,
                             .height = item.geometry.height,
                             .frames = item.geometry.frames,
                             .seconds = item.geometry.seconds,
                             .modality = static_cast<uint32_t>(item.modality)};
    hasher.update(bytes_of(record));
    hasher.update(item.bytes);
  }
  return hasher.hash64();
}

}  // namespace reka::data
