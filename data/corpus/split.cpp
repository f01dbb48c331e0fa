#include "data/corpus/split.h"

#include <array>

#include <openssl/sha.h>

namespace reka::data {

int64_t key_class(std::string_view key, int64_t modulus) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
  uint64_t rest = 0;
  for (const auto byte : digest) rest = (rest * 256 + byte) % static_cast<uint64_t>(modulus);
  return static_cast<int64_t>(rest);
}

Split SplitConfig::side_of_class(int64_t number) const {
  if (number < test) return Split::kTest;
  return number < test + dev ? Split::kDev : Split::kTrain;
}

}  // namespace reka::data
