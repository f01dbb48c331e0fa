#include "train/folder_lock.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "reka/base/error.h"

namespace reka::train {

FolderLock::~FolderLock() {
  if (file_ >= 0) close(file_);
}

void FolderLock::take(const std::filesystem::path& folder) {
  std::error_code ignored;  // open() says what is wrong
  std::filesystem::create_directories(folder, ignored);
  file_ = open((folder / ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (file_ < 0) throw DataError("{}: {}: must be writable", folder.string(), strerror(errno));
  if (flock(file_, LOCK_EX | LOCK_NB) == 0) return;
  throw ConfigError("run.dir = {}: another training runs there: must be one of its own",
                    folder.string());
}

}  // namespace reka::train
