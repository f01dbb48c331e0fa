#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/document.h"

namespace reka::data {

/// The bytes of a file in pieces. What was packed with gzip (several members too) or Zstandard
/// (several frames too) is unpacked on the way, known by its first bytes and not by its name.
/// Memory is bounded, whatever the file holds.
class ByteStream {
 public:
  /// Throws DataError: what is wrong with the file.
  explicit ByteStream(const std::filesystem::path& path);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  /// Bytes written to `out`: 0 at the end of the file. Packed bytes that are damaged or cut throw
  /// DataError, after all that stand before the damage were given.
  size_t read(char* out, size_t bytes);

  class Unpacker;  // of one kind of packing

 private:
  bool refill();

  std::filesystem::path path_;
  int file_ = -1;
  std::vector<char> packed_;
  size_t begin_ = 0, end_ = 0;  // what is left of `packed_`
  std::unique_ptr<Unpacker> unpacker_;
  std::string failure_;
};

/// What some programs write before UTF-8 text.
inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// The lines of a stream, none of which is held in memory beyond a limit, without a byte order mark
/// before the first.
class LineReader {
 public:
  enum class Got : uint8_t { kLine, kTooLong, kEnd, kFailed };

  LineReader(const std::filesystem::path& path, int64_t max_bytes);

  /// kLine: line() is the next one without its end. kTooLong: it is left out. kFailed: the file
  /// cannot be read on, failure() says why; what stood behind the last end of a line is lost.
  Got next();

  std::string_view line() const { return line_; }
  int64_t bytes() const { return bytes_; }    // of the line, also where it is left out
  int64_t number() const { return number_; }  // of the line, from 1
  const std::string& failure() const { return failure_; }

 private:
  void take(std::string_view piece);

  ByteStream stream_;
  size_t max_bytes_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;
  std::string line_;
  int64_t bytes_ = 0;
  int64_t number_ = 0;
  std::string failure_;
};

/// The whole file unpacked; nullopt after telling `skip` when it cannot be read, is empty, or has
/// more than `max_bytes`, which are never held in memory.
std::optional<std::string> unpack_or_skip(const std::filesystem::path& path, int64_t max_bytes,
                                          const SkipSink& skip);

}  // namespace reka::data
