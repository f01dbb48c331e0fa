#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "reka/base/append_file.h"
#include "reka/base/json.h"

namespace reka::train {

/// `log.jsonl`: one JSON object for each step, flushed line by line.
class StepLog {
 public:
  /// Opens the file for appending after `last_step`: later lines and a half-written last one are
  /// cut off, so that a resumed run's log has each step once. Throws DataError.
  StepLog(const std::filesystem::path& path, int64_t last_step);

  /// `entry` has a key "step". On a full disk it waits for room.
  void write(const Json& entry);

 private:
  std::unique_ptr<AppendFile> file_;
};

/// Calls `use` for each whole line from byte `begin` on -> where the next line will begin. An
/// absent file has none. Throws DataError naming the place of a line that is not JSON.
uint64_t visit_step_log(const std::filesystem::path& path, uint64_t begin,
                        const std::function<void(const Json&)>& use);

/// All entries of a log, in order; empty when the file is absent.
std::vector<Json> read_step_log(const std::filesystem::path& path);

}  // namespace reka::train
