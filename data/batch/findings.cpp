#include "data/batch/findings.h"

#include <utility>

namespace reka::data {

Json Refused::to_json() const {
  return {{"document", document}, {"finding", finding}};
}

Refused Refused::from_json(const Json& json, std::string_view place) {
  return {.document = json_value<std::string>(json, "document", place),
          .finding = json_value<std::string>(json, "finding", place)};
}

void BatchFindings::put(int64_t batch, Found&& found) {
  const std::lock_guard lock(mutex_);
  ahead_[batch] = std::move(found);
}

void BatchFindings::forget_ahead() {
  const std::lock_guard lock(mutex_);
  ahead_.clear();
}

std::vector<Quarantined> BatchFindings::give_out(int64_t batch) {
  Found made;
  {
    const std::lock_guard lock(mutex_);
    if (auto node = ahead_.extract(batch)) made = std::move(node.mapped());
  }
  for (auto& sample : made.masked) {
    if (!masked_documents_.insert(sample.document).second) continue;
    masked_.push_back(sample);
    new_.masked.push_back(std::move(sample));
  }
  std::erase_if(made.damaged, [&](const auto& sample) { return !quarantine_.add(sample); });
  new_.damaged.insert(new_.damaged.end(), made.damaged.begin(), made.damaged.end());
  return std::move(made.damaged);
}

void BatchFindings::add_quarantined(const std::vector<Quarantined>& found) {
  for (const auto& sample : found) quarantine_.add(sample);
}

BatchFindings::Found BatchFindings::take() {
  return std::exchange(new_, {});
}

}  // namespace reka::data
