#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace reka {

/// 128 bits of XXH3.
struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;

  auto operator<=>(const Hash128&) const = default;  // NOLINT(modernize-use-nullptr): finds none
};

/// XXH3 (xxhash.com): fast and stable over versions and machines; not for secrets.
uint64_t xxh3_64(std::span<const std::byte> bytes, uint64_t seed = 0);
uint64_t xxh3_64(std::string_view text, uint64_t seed = 0);
Hash128 xxh3_128(std::span<const std::byte> bytes, uint64_t seed = 0);
Hash128 xxh3_128(std::string_view text, uint64_t seed = 0);

/// The same hashes of bytes that come in pieces.
class Hasher {
 public:
  explicit Hasher(uint64_t seed = 0);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  uint64_t hash64() const;  // of everything so far
  Hash128 hash128() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

/// 16 or 32 lower-case digits, the highest first, as `xxhsum` prints them.
std::string hex(uint64_t hash);
std::string hex(const Hash128& hash);

}  // namespace reka
