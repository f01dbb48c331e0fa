#include "reka/base/files.h"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reka/base/error.h"

namespace reka {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporaryMark = ".tmp-";

[[noreturn]] void fail(const fs::path& path, std::string_view action, int code = errno) {
  throw DataError("{}: cannot {}: {}", path.string(), action,
                  std::generic_category().message(code));
}

/// An open descriptor that closes itself.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : value_(::open(path.c_str(), flags | O_CLOEXEC)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// Hidden, beside `path`: the n-th try of this process.
fs::path temporary_name(const fs::path& path, int n) {
  auto name = fmt::format(".{}{}{}-{}", path.filename().string(), kTemporaryMark, ::getpid(), n);
  return folder_of(path) / std::move(name);
}

void sync_path(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (file.get() < 0) fail(path, "open");
  if (::fsync(file.get()) != 0) fail(path, "flush");
}

void create_folders(const fs::path& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) fail(path, "create the folder", code.value());
}

/// The size of a regular file that is open.
uint64_t size_of(const Descriptor& file, const fs::path& path) {
  if (file.get() < 0) fail(path, "open");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail(path, "read");
  if (S_ISDIR(status.st_mode)) throw DataError("{}: is a folder: must be a file", path.string());
  return static_cast<uint64_t>(status.st_size);
}

}  // namespace

std::string read_file(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  std::string text(size_of(file, path) + 1, '\0');  // one more, to see the end without growing
  size_t done = 0;
  while (true) {  // pipes and /proc have no size, files may grow: read until the end
    if (done == text.size()) text.resize(done + (done < 65536 ? 65536 : done));
    const auto count = ::read(file.get(), text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, "read");
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  text.resize(done);
  return text;
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)) {
  create_folders(folder_of(path_));
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  for (int n = 0; file_ < 0; ++n) {
    temporary_ = temporary_name(path_, n);
    file_ = ::open(temporary_.c_str(), kFlags, 0666);
    if (file_ < 0 && errno != EEXIST) fail(path_, "write");
  }
}

AtomicFile::~AtomicFile() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path_, "write");
    size_ += static_cast<uint64_t>(count);
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
}

void AtomicFile::commit() {
  if (::fsync(file_) != 0) fail(path_, "write");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_, "replace");
  ::close(std::exchange(file_, -1));
  sync_path(folder_of(path_));
}

void write_file_atomic(const fs::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void write_file_atomic(const fs::path& path, std::string_view text) {
  write_file_atomic(path, as_bytes(text));
}

AtomicFolder::AtomicFolder(fs::path place) : place_(std::move(place)) {
  if (!place_.has_filename()) place_ = place_.parent_path();  // "runs/" is "runs"
  // A link stays, what it names is replaced.
  if (std::error_code dangling; fs::is_symlink(place_)) {
    auto named = fs::canonical(place_, dangling);
    if (!dangling) place_ = std::move(named);
  }
  create_folders(folder_of(place_));
  for (int n = 0;; ++n) {
    temporary_ = temporary_name(place_, n);
    if (::mkdir(temporary_.c_str(), 0777) == 0) return;
    if (errno != EEXIST) fail(place_, "create the folder");
  }
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void AtomicFolder::commit() {
  sync_folder(temporary_);
  replace_folder(temporary_, place_);
  temporary_.clear();
}

void sync_folder(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_directory() || entry.is_regular_file()) sync_path(entry.path());
  }
  sync_path(folder);
}

void replace_folder(const fs::path& from, const fs::path& to) {
  // Once the new folder has its place, a rest of the old one is no failure.
  std::error_code ignored;
  if (!fs::exists(to)) {
    if (::rename(from.c_str(), to.c_str()) != 0) fail(to, "replace");
    return sync_path(folder_of(to));
  }
  auto old = from;  // an exchange leaves the old folder under the new one's former name
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) != 0) {
    if (errno != EINVAL && errno != ENOSYS) fail(to, "replace");
    old = to;
    old += ".old";  // no temporary name: a crash here leaves the only whole folder under it
    fs::remove_all(old, ignored);
    if (::rename(to.c_str(), old.c_str()) != 0) fail(to, "replace");
    if (::rename(from.c_str(), to.c_str()) != 0) {
      const auto code = errno;
      ::rename(old.c_str(), to.c_str());
      fail(to, "replace", code);
    }
  }
  sync_path(folder_of(to));
  fs::remove_all(old, ignored);
}

bool is_temporary(const fs::path& path) {
  const auto name = path.filename().string();
  return name.starts_with('.') && name.find(kTemporaryMark) != std::string::npos;
}

MappedFile::MappedFile(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  size_ = size_of(file, path);
  if (size_ == 0) return;  // mmap refuses empty files
  void* data = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.get(), 0);
  if (data == MAP_FAILED) fail(path, "map");
  data_ = static_cast<const std::byte*>(data);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace reka
