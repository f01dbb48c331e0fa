#include "train/telemetry/step_log.h"

#include <fstream>
#include <iterator>
#include <string>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/log.h"

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

/// Calls `use(line, place)` for each whole line from byte `begin` on -> where the next will begin.
template <typename Use>
uint64_t visit_lines(const std::filesystem::path& path, uint64_t begin, const Use& use) {
  std::ifstream file(path, std::ios::binary);
  if (!file.seekg(static_cast<std::streamoff>(begin))) return begin;
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto end_of_lines = begin;
  for_each_line(text, [&](const std::string& line, size_t end) {
    use(line, fmt::format("{} at byte {}", path.string(), end_of_lines));
    end_of_lines = begin + end;
    return true;
  });
  return end_of_lines;
}

struct KnownSteps {
  std::string lines;  // theirs
  std::vector<int64_t> steps;
  Json last = Json::object();  // the entry of the last one
  bool damaged = false;        // whether lines among them are no entries
};

bool is_entry(const Json& json) {
  if (!json.is_object() || !json.contains("step") || !json["step"].is_number_integer())
    return false;
  return !json.contains("held_out") || json["held_out"].is_object();
}

/// The entries up to and with `last_step`.
KnownSteps known_steps(const std::filesystem::path& path, int64_t last_step) {
  KnownSteps known;
  if (!std::filesystem::exists(path)) return known;
  for_each_line(read_file(path), [&](const std::string& line, size_t) {
    auto entry = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    const auto before = known.steps.empty() ? 0 : known.steps.back();
    if (!is_entry(entry) || entry["step"].get<int64_t>() <= before) {
      known.damaged = true;
      return true;
    }
    const auto step = entry["step"].get<int64_t>();
    if (step > last_step) return false;
    known.lines += line + "\n";
    known.steps.push_back(step);
    known.last = std::move(entry);
    return true;
  });
  return known;
}

std::vector<std::string> gaps(std::vector<int64_t> steps, int64_t last_step) {
  steps.push_back(last_step + 1);
  std::vector<std::string> missing;
  int64_t next = 1;
  for (const auto step : steps) {
    if (step == next + 1) missing.push_back(std::to_string(next));
    if (step > next + 1) missing.push_back(fmt::format("{} to {}", next, step - 1));
    next = step + 1;
  }
  return missing;
}

}  // namespace

StepLog::StepLog(const std::filesystem::path& path, int64_t last_step) : path_(path) {
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  const auto known = known_steps(path, last_step);
  if (known.damaged) {
    const auto kept = std::filesystem::path(path) += ".damaged";
    std::filesystem::copy_file(path, kept, std::filesystem::copy_options::overwrite_existing);
    warn("{}: lines that are no steps are taken out: as it was: {}", path.string(), kept.string());
    write_file_atomic(path, known.lines);
  } else if (std::filesystem::exists(path)) {
    std::filesystem::resize_file(path, known.lines.size());
  }
  missing_ = gaps(known.steps, last_step);
  file_ = std::make_unique<AppendFile>(path);
}

void StepLog::write(const Json& entry) {
  file_->append(dump_json(entry) + "\n");
}

void StepLog::amend(const Json& keys) {
  const auto step = keys.at("step").get<int64_t>();
  const auto before = known_steps(path_, step - 1).lines;
  auto entry = step_entry(path_, step);
  if (entry.empty()) entry = {{"step", step}, {"loss", nullptr}};
  entry.update(keys);
  write_file_atomic(path_, before + dump_json(entry) + "\n");
  file_ = std::make_unique<AppendFile>(path_);
}

uint64_t visit_step_log(const std::filesystem::path& path, uint64_t begin,
                        const std::function<void(const Json&)>& use) {
  return visit_lines(path, begin, [&](const std::string& line, const std::string& place) {
    const auto entry = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (is_entry(entry)) return use(entry);
    warn("{}: no step of a run: left out", place);
  });
}

Json step_entry(const std::filesystem::path& path, int64_t step) {
  auto known = known_steps(path, step);
  const bool found = !known.steps.empty() && known.steps.back() == step;
  return found ? std::move(known.last) : Json::object();
}

std::vector<Json> read_step_log(const std::filesystem::path& path) {
  std::vector<Json> entries;
  visit_lines(path, 0, [&](const std::string& line, const std::string& place) {
    entries.push_back(parse_json(line, place));
  });
  return entries;
}

}  // namespace reka::train
