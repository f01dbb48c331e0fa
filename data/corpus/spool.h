#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/document.h"

namespace reka::data {

/// Documents on disk between reading and tokenizing, so that sources are read once and a corpus
/// may be larger than memory.
class Spool {
 public:
  struct Chunk {
    uint64_t offset = 0;
    uint64_t bytes = 0;
    uint64_t hash = 0;

    uint64_t end() const { return offset + bytes; }
  };

  /// Opens or makes the file, whose first bytes stay as they are up to `end`. Throws DataError.
  explicit Spool(std::filesystem::path file, uint64_t end = 0);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// Documents packed by pack_document, one behind the other. From any thread.
  Chunk write(std::string_view packed);
  std::vector<Document> read(const Chunk& chunk) const;
  /// Whether the chunk of an earlier process is there undamaged.
  bool holds(const Chunk& chunk) const;

 private:
  bool read_bytes(const Chunk& chunk, std::string& bytes) const;

  std::filesystem::path path_;
  int file_ = -1;
  uint64_t size_ = 0;
  std::mutex mutex_;
};

void pack_document(const Document& document, std::string& bytes);
std::vector<Document> unpack_documents(std::string_view bytes);

}  // namespace reka::data
