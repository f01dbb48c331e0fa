#include "reka/base/append_file.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "reka/base/error.h"
#include "reka/base/log.h"

namespace reka {
namespace {

std::string reason() {
  return std::generic_category().message(errno);
}

}  // namespace

AppendFile::AppendFile(std::filesystem::path path) : path_(std::move(path)) {
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file_ < 0) throw DataError("{}: cannot open: {}", path_.string(), reason());
  bytes_ = ::lseek(file_, 0, SEEK_END);
}

AppendFile::~AppendFile() {
  if (!waiting_.empty() && !flush()) {
    warn("{}: {}: its last {} bytes are lost", path_.string(), reason(), waiting_.size());
  }
  ::close(file_);
}

void AppendFile::append(std::string_view record) {
  const bool waited = !waiting_.empty();
  waiting_ += record;
  if (flush()) return;
  if (!waited) warn("{}: {}: its records wait for room", path_.string(), reason());
}

/// All that waits, or nothing of it: a part of a record would spoil those after it.
bool AppendFile::flush() {
  for (size_t done = 0; done < waiting_.size();) {
    const auto count = ::write(file_, waiting_.data() + done, waiting_.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      const auto code = std::exchange(errno, 0);
      if (done > 0 && ::ftruncate(file_, bytes_) != 0) {
        waiting_.erase(0, done);  // it cannot be taken back: the rest follows it
        bytes_ += static_cast<int64_t>(done);
      }
      errno = code;
      return false;
    }
    done += static_cast<size_t>(count);
  }
  bytes_ += static_cast<int64_t>(waiting_.size());
  waiting_.clear();
  return true;
}

}  // namespace reka
