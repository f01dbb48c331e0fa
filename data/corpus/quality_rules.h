#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "data/corpus/rule_set.h"
#include "data/corpus/stage.h"

namespace reka::data {

/// Drops the documents that break a rule over their signals.
class QualityRules : public Stage {
 public:
  explicit QualityRules(const RuleTable& rules) : config_(rules) {}

  void run(Selection& selection) override;
  std::string name() const override { return "rules"; }
  Json json() const override;
  void show(Page& page) const override;

 private:
  struct Example {
    std::string id, language, finding;
  };
  struct Found {
    std::string signal;
    int64_t documents = 0;  // that it dropped
    int64_t bytes = 0;
    int64_t broken = 0;  // by how many documents, dropped before or not
    std::vector<Example> examples;
  };

  const RuleTable& config_;
  std::vector<std::pair<std::string, Found>> found_;
};

}  // namespace reka::data
