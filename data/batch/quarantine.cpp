#include "data/batch/quarantine.h"

namespace reka::data {

Json Quarantined::to_json() const {
  return {{"source", source},
          {"document", document},
          {"shard", shard},
          {"sample", sample},
          {"finding", finding}};
}

Quarantined Quarantined::from_json(const Json& json, std::string_view place) {
  return {.source = json_value<std::string>(json, "source", place),
          .document = json_value<std::string>(json, "document", place),
          .shard = json_value<uint64_t>(json, "shard", place),
          .sample = json_value<uint32_t>(json, "sample", place),
          .finding = json_value<std::string>(json, "finding", place)};
}

bool Quarantine::holds(uint64_t shard, uint32_t sample) const {
  if (size_ == 0) return false;  // asked for each document
  const std::lock_guard lock(mutex_);
  return found_.contains({shard, sample});
}

bool Quarantine::add(const Quarantined& found) {
  const std::lock_guard lock(mutex_);
  const bool is_new = found_.emplace(std::pair(found.shard, found.sample), found).second;
  size_ = static_cast<int64_t>(found_.size());
  return is_new;
}

std::vector<Quarantined> Quarantine::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<Quarantined> list;
  for (const auto& [place, found] : found_) list.push_back(found);
  return list;
}

}  // namespace reka::data
