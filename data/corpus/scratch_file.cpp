#include "data/corpus/scratch_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "reka/base/error.h"

namespace reka::data {

ScratchFile::ScratchFile(const std::filesystem::path& folder, std::string holds)
    : folder_(folder), holds_(std::move(holds)) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  auto name = (folder / ".scratch-XXXXXX").string();
  file_ = mkostemp(name.data(), O_CLOEXEC);
  if (file_ < 0) {
    throw DataError("{}: {}: must be a folder to write in", folder.string(), std::strerror(errno));
  }
  unlink(name.c_str());
}

ScratchFile::~ScratchFile() {
  close(file_);
}

uint64_t ScratchFile::append(std::span<const std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  const auto begin = size_;
  while (!bytes.empty()) {
    const auto written = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    size_ += static_cast<uint64_t>(written);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return begin;
}

void ScratchFile::reserve(uint64_t bytes) {
  const auto error = posix_fallocate(file_, 0, static_cast<off_t>(bytes));
  if (error != 0) fail(error);
}

void ScratchFile::fail(int error) const {
  throw DataError("{}: {}: must hold {}", folder_.string(), std::strerror(error), holds_);
}

void ScratchFile::read(uint64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const auto got = pread(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw DataError("{}: {}: cannot be read back", folder_.string(), holds_);
    offset += static_cast<uint64_t>(got);
    bytes = bytes.subspan(static_cast<size_t>(got));
  }
}

}  // namespace reka::data
