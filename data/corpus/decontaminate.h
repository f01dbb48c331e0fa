#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "data/corpus/evaluation_index.h"
#include "data/corpus/stage.h"

namespace reka::data {

/// Drops what a model would be trained on of the texts that it will be evaluated with: documents
/// with a run of words of an evaluation item. Brown et al. 2020, arXiv:2005.14165, appendix C, take
/// runs of 13; the longest run is the signal of Singh et al. 2024, arXiv:2411.03923.
class Decontaminate : public Stage {
 public:
  Decontaminate(DecontaminationConfig config, std::filesystem::path root)
      : config_(std::move(config)), root_(std::move(root)) {}

  void run(Selection& selection) override;
  std::string name() const override { return "decontaminate"; }
  Json json() const override;
  void show(Page& page) const override;

 private:
  struct Example {
    std::string document;  // source and id
    std::string item;
    size_t words = 0;
    std::string text;
  };
  struct Found {
    EvaluationIndex::Set set;
    int64_t documents = 0;
    std::vector<Example> examples;  // the first few
  };

  void tell_large_shares(int64_t documents) const;

  DecontaminationConfig config_;
  std::filesystem::path root_;
  std::vector<Found> found_;
};

}  // namespace reka::data
