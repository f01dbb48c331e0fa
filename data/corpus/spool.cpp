#include "data/corpus/spool.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "data/corpus/packing.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"

namespace reka::data {
void pack_document(const Document& document, std::string& bytes) {
  Packer to(bytes);
  pack_value(document, to);
}

std::vector<Document> unpack_documents(std::string_view bytes) {
  std::vector<Document> documents;
  Unpacker from(bytes);
  while (!from.done()) documents.push_back(unpack_value<Document>(from));
  return documents;
}

Spool::Spool(std::filesystem::path file, uint64_t end)
    : path_(std::move(file)),
      file_(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)),
      size_(end) {
  // What an earlier process wrote behind `end` is of no use.
  if (file_ >= 0 && ftruncate(file_, static_cast<off_t>(end)) == 0) return;
  const auto* reason = std::strerror(errno);
  if (file_ >= 0) close(file_);
  throw DataError("{}: {}: must be a file to write to", path_.string(), reason);
}

std::unique_ptr<const Spool> Spool::to_read(std::filesystem::path file) {
  const auto opened = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0)
    throw DataError("{}: {}: must be what another process of the build wrote", file.string(),
                    std::strerror(errno));
  return std::unique_ptr<const Spool>(new Spool(std::move(file), opened));
}

Spool::~Spool() {
  close(file_);
}

Spool::Chunk Spool::write(std::string_view bytes) {
  const auto hash = xxh3_64(bytes);
  const std::lock_guard lock(mutex_);
  const Chunk chunk{size_, bytes.size(), hash};
  while (!bytes.empty()) {
    const auto written = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      throw DataError("{}: {}: must hold the documents of the corpus twice",
                      path_.parent_path().string(), std::strerror(errno));
    }
    size_ += static_cast<uint64_t>(written);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return chunk;
}

bool Spool::read_bytes(const Chunk& chunk, std::string& bytes) const {
  bytes.resize(chunk.bytes);
  for (uint64_t done = 0; done < chunk.bytes;) {
    const auto got = pread(file_, bytes.data() + done, chunk.bytes - done,
                           static_cast<off_t>(chunk.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<uint64_t>(got);
  }
  return true;
}

bool Spool::holds(const Chunk& chunk) const {
  std::string bytes;
  return read_bytes(chunk, bytes) && xxh3_64(bytes) == chunk.hash;
}

std::string Spool::read(const Chunk& chunk) const {
  std::string bytes;
  if (!read_bytes(chunk, bytes))
    throw DataError("{}: documents cannot be read back", path_.string());
  return bytes;
}

SharedSpool::SharedSpool(const std::filesystem::path& folder, const std::string& name, size_t rank,
                         uint64_t end)
    : base_(folder / name), rank_(rank), own_(path_of(rank), end) {}

std::filesystem::path SharedSpool::path_of(uint64_t rank) const {
  return base_.string() + "-" + std::to_string(rank);
}

const Spool& SharedSpool::of(uint64_t rank) const {
  if (rank == rank_) return own_;
  const std::lock_guard lock(mutex_);
  auto& other = others_[rank];
  if (!other) other = Spool::to_read(path_of(rank));
  return *other;
}

bool SharedSpool::holds(const Place& place) const {
  if (place.rank != rank_ && !std::filesystem::exists(path_of(place.rank))) return false;
  return of(place.rank).holds(place.chunk);
}

}  // namespace reka::data
