#pragma once

#include <filesystem>
#include <string>

namespace reka::data {

/// Where a build keeps what it has done so far: `.NAME.work-STAMP` beside the folder NAME that it
/// makes. It stays when the build ends early, for the next one with the same stamp; that of another
/// stamp is removed. One build at a time: `.NAME.lock` beside it is held meanwhile.
class WorkFolder {
 public:
  /// Throws DataError: another process builds this folder, or none can be made.
  WorkFolder(const std::filesystem::path& folder, const std::string& stamp);
  ~WorkFolder();  // tells of what stays
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// The build is done.
  void remove();

 private:
  void lock(const std::filesystem::path& folder);
  void remove_others(const std::filesystem::path& folder) const;

  std::filesystem::path lock_path_, path_;
  int lock_ = -1;
};

/// Removes what a build that was killed after its end has left beside the folder.
void remove_finished_work(const std::filesystem::path& folder);

}  // namespace reka::data
