#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/corpus/document.h"

namespace reka::data {

/// What is on disk between two passes over a corpus, such as its documents between reading and
/// tokenizing: a corpus may be larger than memory.
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
  /// One that another process writes, to be read. Throws DataError.
  static std::unique_ptr<const Spool> to_read(std::filesystem::path file);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// From any thread.
  Chunk write(std::string_view bytes);
  std::string read(const Chunk& chunk) const;
  /// Whether the chunk of an earlier process is there undamaged.
  bool holds(const Chunk& chunk) const;

 private:
  Spool(std::filesystem::path path, int file) : path_(std::move(path)), file_(file) {}
  bool read_bytes(const Chunk& chunk, std::string& bytes) const;

  std::filesystem::path path_;
  int file_ = -1;
  uint64_t size_ = 0;
  std::mutex mutex_;
};

/// The files NAME-0, NAME-1, ... of a folder that the processes of a build share: each rank writes
/// its own, all read all.
class SharedSpool {
 public:
  struct Place {
    uint64_t rank = 0;
    Spool::Chunk chunk;
  };

  /// What an earlier process of this rank wrote stays as it is up to `end`. Throws DataError.
  SharedSpool(const std::filesystem::path& folder, const std::string& name, size_t rank,
              uint64_t end = 0);

  /// From any thread, as all that follow.
  Place write(std::string_view bytes) { return {rank_, own_.write(bytes)}; }
  std::string read(const Place& place) const { return of(place.rank).read(place.chunk); }
  /// Whether it is there undamaged, also where that rank has left no file.
  bool holds(const Place& place) const;

 private:
  const Spool& of(uint64_t rank) const;
  std::filesystem::path path_of(uint64_t rank) const;

  std::filesystem::path base_;
  size_t rank_;
  Spool own_;
  mutable std::mutex mutex_;
  mutable std::map<uint64_t, std::unique_ptr<const Spool>> others_;
};

void pack_document(const Document& document, std::string& bytes);
std::vector<Document> unpack_documents(std::string_view bytes);

}  // namespace reka::data
