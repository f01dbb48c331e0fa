#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "data/corpus/personal_data.h"
#include "data/corpus/stage.h"

namespace reka::data {

/// Tells how many e-mail and IP addresses were found in the documents that are kept, by source. It
/// drops nothing.
class PersonalReport : public Stage {
 public:
  explicit PersonalReport(bool replaced) : replaced_(replaced) {}

  void run(Selection& selection) override;
  std::string name() const override { return "personal_data"; }
  Json json() const override;
  void show(Page& page) const override;

 private:
  struct Counts {
    int64_t documents = 0;  // that have some
    PersonalData found;
  };

  bool replaced_;
  std::map<std::string, Counts> sources_;
};

}  // namespace reka::data
