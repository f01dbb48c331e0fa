#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <span>
#include <string>

namespace reka::data {

/// What is larger than memory, for as long as the program runs: the file has no name, and is gone
/// when the process is.
class ScratchFile {
 public:
  /// On the disk of `folder`; `holds` says what for, in errors: "must hold the documents once".
  ScratchFile(const std::filesystem::path& folder, std::string holds);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  /// -> where the bytes begin. From any thread.
  uint64_t append(std::span<const std::byte> bytes);
  void read(uint64_t offset, std::span<std::byte> bytes) const;
  uint64_t size() const { return size_; }
  /// Room on the disk for so many bytes in all. Throws DataError: there is none.
  void reserve(uint64_t bytes);
  int file() const { return file_; }
  /// A name by which this process opens it, as long as this object lives.
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  [[noreturn]] void fail(int error) const;

  std::filesystem::path folder_;
  std::string holds_;
  int file_ = -1;
  uint64_t size_ = 0;
  std::mutex mutex_;
};

}  // namespace reka::data
