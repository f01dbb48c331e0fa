#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/corpus/byte_stream.h"

struct archive;

namespace reka::data {

/// The files of a tar archive in their order, plain or packed with gzip or Zstandard.
class TarReader {
 public:
  struct Member {
    std::string name;
    std::string bytes;
    int64_t size = 0;      // also where it is larger than the limit, and not held
    bool is_link = false;  // to another file: has no bytes
  };
  enum class Got : uint8_t {
    kFile,     // in `member`
    kDamaged,  // a header that is none: members may be missing here
    kFailed,   // it cannot be read on; failure() says why
    kUnended,  // it ends without the mark of its end: what was last may be incomplete
    kEnd,
  };

  /// Throws DataError: what is wrong with the file.
  TarReader(const std::filesystem::path& path, int64_t max_bytes);
  ~TarReader();
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  Got next(Member& member);
  const std::string& failure() const { return failure_; }

 private:
  Got fail();
  bool read_member(Member& member);

  static long read_piece(archive* tar, void* self, const void** piece);

  ByteStream stream_;
  int64_t max_bytes_;
  std::vector<char> buffer_;
  uint64_t trailing_zeros_ = 0;  // of the bytes so far
  archive* tar_ = nullptr;
  std::string failure_;
};

}  // namespace reka::data
