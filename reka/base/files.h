#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace reka {

/// The bytes of a value's memory or of text, for what takes bytes.
inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// The whole file. DataError when it is missing, a folder or unreadable.
std::string read_file(const std::filesystem::path& path);

/// A file that is written beside its place and takes it on commit(): readers see the old file or
/// the whole new one, also after a crash. Without commit() the old file stays and the pieces
/// written so far are removed. Every error, a full disk too, is a DataError naming the place.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(as_bytes(text)); }
  uint64_t size() const { return size_; }  // bytes written so far

  void commit();  // fsync, rename, fsync of the folder

 private:
  std::filesystem::path path_, temporary_;
  int file_ = -1;
  uint64_t size_ = 0;
};

/// One AtomicFile from `bytes`.
void write_file_atomic(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file_atomic(const std::filesystem::path& path, std::string_view text);

/// A folder that is filled beside its place and takes it on commit(), in one step where the file
/// system can exchange two names; without commit() it is removed.
class AtomicFolder {
 public:
  explicit AtomicFolder(std::filesystem::path place);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  const std::filesystem::path& path() const { return temporary_; }  // write the files here
  void commit();

 private:
  std::filesystem::path place_, temporary_;
};

/// Flushes every file and folder below `folder`, and `folder` itself, to the disk.
void sync_folder(const std::filesystem::path& folder);

/// Renames the folder `from` to `to`, replacing an older one, and syncs the folder above.
void replace_folder(const std::filesystem::path& from, const std::filesystem::path& to);

/// Whether a name was left by an AtomicFile or AtomicFolder that was killed.
bool is_temporary(const std::filesystem::path& path);

/// A file mapped into memory for reading; the bytes live as long as this object. A file must not
/// be cut while it is mapped (our own are replaced by rename, never changed in place).
class MappedFile {
 public:
  MappedFile() = default;
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  size_t size() const { return size_; }

 private:
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace reka
