#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "data/corpus/evaluation_media.h"
#include "data/corpus/stage.h"

namespace reka::data {

/// Drops training documents with a picture, sound or clip of an evaluation set
/// (data/corpus/evaluation_media.h).
class DecontaminateMedia : public Stage {
 public:
  /// Paths of sets start at `root`.
  DecontaminateMedia(DecontaminationConfig config, std::filesystem::path root)
      : config_(std::move(config)), root_(std::move(root)) {}

  /// Throws DataError as EvaluationMedia does.
  void run(Selection& selection) override;
  std::string name() const override { return "decontaminate_media"; }
  Json json() const override;
  void show(Page& page) const override;

 private:
  struct Hit {  // in a document
    uint64_t item = 0;
    uint64_t place = 0;  // of its medium

    static auto members(auto& self) { return std::tie(self.item, self.place); }
  };
  struct Example {
    std::string document;  // source and id
    std::string item;
    Figure item_figure;
    Figure document_figure;
  };
  struct OfSet {
    EvaluationMedia::Set set;
    int64_t documents = 0;
    std::vector<Example> examples;
  };

  static Example example_of(const Selection& selection, const EvaluationMedia& media, size_t number,
                            const Hit& hit);

  DecontaminationConfig config_;
  std::filesystem::path root_;
  std::vector<OfSet> found_;
};

}  // namespace reka::data
