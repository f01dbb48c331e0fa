#pragma once

#include <span>
#include <vector>

#include "data/corpus/mark.h"
#include "data/corpus/stage.h"

namespace reka::data {

/// Which documents are the first with their content; where it stands on several sides the one in
/// training stays, then the one in dev. The order of the marks decides, nothing else.
std::vector<bool> first_of_each(std::span<const DocumentMark> marks);

/// Keeps each content once.
class ExactDuplicates : public Stage {
 public:
  void run(Selection& selection) override;
  std::string name() const override { return "exact_duplicates"; }
};

}  // namespace reka::data
