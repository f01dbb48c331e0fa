#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace reka {

/// A file that grows by whole records and outlives a full disk: what cannot be written waits in
/// memory, is warned of once, and goes before the next record that finds room.
class AppendFile {
 public:
  /// Opens or makes the file. Throws DataError.
  explicit AppendFile(std::filesystem::path path);
  /// Tries what waits once more; what is lost then is warned of.
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  void append(std::string_view record);

 private:
  bool flush();

  std::filesystem::path path_;
  int file_ = -1;
  int64_t bytes_ = 0;    // of the records that are written
  std::string waiting_;  // records that are not
};

}  // namespace reka
