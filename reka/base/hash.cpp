#include "reka/base/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

#include "reka/base/files.h"

namespace reka {

uint64_t xxh3_64(std::span<const std::byte> bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

uint64_t xxh3_64(std::string_view text, uint64_t seed) {
  return xxh3_64(as_bytes(text), seed);
}

Hash128 xxh3_128(std::span<const std::byte> bytes, uint64_t seed) {
  const auto hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.low64, hash.high64};
}

Hash128 xxh3_128(std::string_view text, uint64_t seed) {
  return xxh3_128(as_bytes(text), seed);
}

// 64 and 128 bits share one state: their resets and updates are the same, only the digest differs.
Hasher::Hasher(uint64_t seed) : state_(XXH3_createState()) {
  XXH3_128bits_reset_withSeed(state_.get(), seed);
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::Free::operator()(XXH3_state_s* state) const {
  XXH3_freeState(state);
}

void Hasher::update(std::span<const std::byte> bytes) {
  XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
}

void Hasher::update(std::string_view text) {
  update(as_bytes(text));
}

uint64_t Hasher::hash64() const {
  return XXH3_64bits_digest(state_.get());
}

Hash128 Hasher::hash128() const {
  const auto hash = XXH3_128bits_digest(state_.get());
  return {hash.low64, hash.high64};
}

std::string hex(uint64_t hash) {
  return fmt::format("{:016x}", hash);
}

std::string hex(const Hash128& hash) {
  return fmt::format("{:016x}{:016x}", hash.high, hash.low);
}

}  // namespace reka
