#include "data/corpus/digest.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <xxhash.h>

#include "reka/base/hash.h"

namespace reka::data {

std::optional<std::string> digest(std::string_view algorithm, std::span<const std::byte> bytes) {
  if (algorithm == "xxh32") return fmt::format("{:08x}", XXH32(bytes.data(), bytes.size(), 0));
  if (algorithm == "xxh64") return hex(XXH64(bytes.data(), bytes.size(), 0));
  if (algorithm == "xxh3_64") return hex(xxh3_64(bytes));
  if (algorithm == "xxh128" || algorithm == "xxh3_128") return hex(xxh3_128(bytes));
  std::string name(algorithm);
  if (name == "blake2b") name = "blake2b512";
  if (name == "blake2s") name = "blake2s256";
  std::ranges::replace(name, '_', '-');
  const auto* type = EVP_get_digestbyname(name.c_str());
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned size = 0;
  if (type == nullptr ||
      EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, type, nullptr) != 1)
    return std::nullopt;
  std::string digits;
  for (unsigned n = 0; n < size; ++n) digits += fmt::format("{:02x}", hash[n]);
  return digits;
}

}  // namespace reka::data
