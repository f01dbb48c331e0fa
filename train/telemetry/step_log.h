#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
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

  /// Adds keys to the last line, that of their "step"; where there is none, they become it.
  void amend(const Json& keys);

  /// Which steps up to `last_step` there were not: "3", "5 to 9".
  const std::vector<std::string>& missing() const { return missing_; }

 private:
  std::filesystem::path path_;
  std::vector<std::string> missing_;
  std::unique_ptr<AppendFile> file_;
};

/// Calls `use` for the entry of each whole line from byte `begin` on -> where the next line will
/// begin. An absent file has none; a line that is no entry is left out and warned of.
uint64_t visit_step_log(const std::filesystem::path& path, uint64_t begin,
                        const std::function<void(const Json&)>& use);

/// The entry of a step; an empty object where there is none or a line before it is damaged.
Json step_entry(const std::filesystem::path& path, int64_t step);

/// All lines of a log, in order; empty when the file is absent. Throws DataError naming the place
/// of one that is not JSON.
std::vector<Json> read_step_log(const std::filesystem::path& path);

}  // namespace reka::train
