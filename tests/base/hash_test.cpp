#include "reka/base/hash.h"

#include "tests/support/catch.h"

using namespace reka;

TEST_CASE("hash: the published values of XXH3", "[base][hash]") {
  CHECK(hex(xxh3_64("")) == "2d06800538d394c2");
  CHECK(hex(xxh3_128("")) == "99aa06d3014798d86001c324468d497f");
  CHECK(xxh3_64("a", 1) != xxh3_64("a"));
}

TEST_CASE("hash: pieces hash as the whole", "[base][hash]") {
  std::string text;
  for (int n = 0; n < 1000; ++n) text += std::to_string(n);
  for (const uint64_t seed : {0, 5}) {
    Hasher hasher(seed);
    CHECK(hasher.hash64() == xxh3_64("", seed));
    for (size_t at = 0; at < text.size(); at += 37)
      hasher.update(std::string_view(text).substr(at, 37));
    CHECK(hasher.hash64() == xxh3_64(text, seed));
    CHECK(hasher.hash128() == xxh3_128(text, seed));
  }
}
