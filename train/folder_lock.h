#pragma once

#include <filesystem>

namespace reka::train {

/// Holds a run's folder for one training: two would write over each other.
class FolderLock {
 public:
  FolderLock() = default;
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// Makes the folder. Throws DataError where it cannot be written and ConfigError where another
  /// training holds it.
  void take(const std::filesystem::path& folder);

 private:
  int file_ = -1;
};

}  // namespace reka::train
