#include "tests/data/packed.h"

#include <cstdio>
#include <cstring>

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include "reka/base/random.h"
#include "tests/support/catch.h"

namespace reka::testing {

std::string gzip(std::string_view bytes) {
  z_stream stream = {};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstandard(std::string_view bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  const auto size = ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 3);
  REQUIRE(ZSTD_isError(size) == 0);
  packed.resize(size);
  return packed;
}

std::string tar(const Members& members) {
  std::string archive;
  for (const auto& [name, bytes] : members) {
    std::string header(kTarBlock, '\0');
    const auto put = [&](size_t at, std::string_view text) {
      std::memcpy(header.data() + at, text.data(), text.size());
    };
    put(0, name);
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, fmt::format("{:011o}", bytes.size()));
    put(136, "00000000000");
    put(148, "        ");
    put(156, "0");
    put(257, std::string("ustar\0", 6) + "00");
    unsigned sum = 0;
    for (const auto byte : header) sum += static_cast<uint8_t>(byte);
    put(148, fmt::format("{:06o}", sum) + std::string(1, '\0') + " ");
    archive += header + bytes;
    archive.resize((archive.size() + kTarBlock - 1) / kTarBlock * kTarBlock, '\0');
  }
  return archive + std::string(kTarEnd, '\0');
}

std::string noise(size_t bytes, uint64_t seed) {
  std::string text(bytes, '\0');
  for (size_t n = 0; n < bytes; ++n) {
    const auto number = mix64(seed, n) % 27;
    text[n] = number == 26 ? ' ' : static_cast<char>('a' + number);
  }
  return text;
}

}  // namespace reka::testing
