#include "train/telemetry/step_log.h"

#include <fstream>
#include <iterator>
#include <string>

#include "reka/base/error.h"
#include "reka/base/files.h"

namespace reka::train {
namespace {

/// Calls `use(line, bytes up to its end)` for each whole line until it says stop.
template <typename Use>
void for_each_line(const std::string& text, const Use& use) {
  for (size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    if (end == std::string::npos || !use(text.substr(begin, end - begin), end + 1)) return;
    begin = end + 1;
  }
}

/// Bytes of the lines up to and with `last_step`; lines after a damaged one are not counted.
uint64_t bytes_up_to(const std::filesystem::path& path, int64_t last_step) {
  uint64_t kept = 0;
  for_each_line(read_file(path), [&](const std::string& line, size_t end) {
    const auto entry = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    const bool keeps = entry.is_object() && entry.value("step", last_step + 1) <= last_step;
    if (keeps) kept = end;
    return keeps;
  });
  return kept;
}

}  // namespace

StepLog::StepLog(const std::filesystem::path& path, int64_t last_step) {
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  if (std::filesystem::exists(path)) {
    std::filesystem::resize_file(path, bytes_up_to(path, last_step));
  }
  file_ = std::make_unique<AppendFile>(path);
}

void StepLog::write(const Json& entry) {
  file_->append(dump_json(entry) + "\n");
}

uint64_t visit_step_log(const std::filesystem::path& path, uint64_t begin,
                        const std::function<void(const Json&)>& use) {
  std::ifstream file(path, std::ios::binary);
  if (!file.seekg(static_cast<std::streamoff>(begin))) return begin;
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto end_of_lines = begin;
  for_each_line(text, [&](const std::string& line, size_t end) {
    use(parse_json(line, fmt::format("{} at byte {}", path.string(), end_of_lines)));
    end_of_lines = begin + end;
    return true;
  });
  return end_of_lines;
}

std::vector<Json> read_step_log(const std::filesystem::path& path) {
  std::vector<Json> entries;
  visit_step_log(path, 0, [&](const Json& entry) { entries.push_back(entry); });
  return entries;
}

}  // namespace reka::train
