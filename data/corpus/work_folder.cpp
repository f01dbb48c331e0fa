#include "data/corpus/work_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reka/base/error.h"
#include "reka/base/log.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& folder, const std::string& ending) {
  const auto whole = fs::absolute(folder).lexically_normal();
  return whole.parent_path() / ("." + whole.filename().string() + ending);
}

// Whether the path still names the file that is open: its holder may have removed it.
bool is_at(int file, const fs::path& path) {
  struct stat open_file = {}, named = {};
  return fstat(file, &open_file) == 0 && stat(path.c_str(), &named) == 0 &&
         open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

// No file has a byte: a full disk lets files be made, and no more.
bool holds_nothing(const fs::path& folder) {
  std::error_code failed;
  const fs::directory_iterator entries(folder, failed);
  return std::all_of(begin(entries), end(entries), [&](const auto& entry) {
    return entry.is_regular_file(failed) && entry.file_size(failed) == 0;
  });
}

std::string holder_of(int file) {
  std::array<char, 32> text = {};
  const auto got = pread(file, text.data(), text.size() - 1, 0);
  return got > 0 ? "process " + std::string(text.data(), static_cast<size_t>(got))
                 : "another process";
}

}  // namespace

WorkFolder::WorkFolder(const fs::path& folder, const std::string& stamp)
    : lock_path_(beside(folder, ".lock")), path_(beside(folder, ".work-" + stamp)) {
  std::error_code ignored;
  fs::create_directories(lock_path_.parent_path(), ignored);
  lock(folder);
  remove_others(folder);
  fs::create_directory(path_, ignored);
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  if (!path_.empty()) {
    if (holds_nothing(path_))
      fs::remove_all(path_, ignored);
    else
      info("data: {}: holds what was read; the next build of this configuration goes on there",
           path_.string());
  }
  fs::remove(lock_path_, ignored);
  close(lock_);
}

void WorkFolder::lock(const fs::path& folder) {
  while (true) {
    lock_ = open(lock_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock_ < 0)
      throw DataError("{}: {}: must be in a folder to write in", lock_path_.string(),
                      std::strerror(errno));
    const bool is_ours = flock(lock_, LOCK_EX | LOCK_NB) == 0;
    const auto reason = is_ours ? 0 : errno;
    const bool is_named = is_at(lock_, lock_path_);
    if (is_ours && is_named) break;
    const auto holder = holder_of(lock_);
    close(lock_);
    if (!is_ours && reason != EWOULDBLOCK)
      throw DataError("{}: {}: must be on a disk that locks files", lock_path_.string(),
                      std::strerror(reason));
    if (is_named)
      throw DataError("{}: is being built by {}: must be one build at a time", folder.string(),
                      holder);
  }
  // Where it cannot be written, holder_of says less.
  const auto process = std::to_string(getpid());
  if (ftruncate(lock_, 0) != 0) return;
  [[maybe_unused]] const auto written = pwrite(lock_, process.data(), process.size(), 0);
}

void WorkFolder::remove_others(const fs::path& folder) const {
  const auto start = beside(folder, ".work-").filename().string();
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path_.parent_path(), ignored)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with(start) || entry.path() == path_) continue;
    info("data: {}: is of another configuration or other files: is removed", entry.path().string());
    fs::remove_all(entry.path(), ignored);
  }
}

void remove_finished_work(const fs::path& folder) {
  const auto lock = beside(folder, ".lock");
  const auto start = beside(folder, ".work-").filename().string();
  std::error_code ignored;
  const fs::directory_iterator entries(lock.parent_path(), ignored);
  const bool is_left = std::any_of(begin(entries), end(entries), [&](const auto& entry) {
    return entry.path() == lock || entry.path().filename().string().starts_with(start);
  });
  if (!is_left) return;
  try {
    WorkFolder(folder, "done").remove();
  } catch (const DataError&) {  // another build is at work, or nothing can be removed here
  }
}

void WorkFolder::remove() {
  std::error_code ignored;
  fs::remove_all(std::exchange(path_, {}), ignored);
}

}  // namespace reka::data
