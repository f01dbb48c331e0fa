#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "data/corpus/evaluation_index.h"
#include "data/corpus/media_matches.h"
#include "data/corpus/stage.h"

namespace reka::data {

/// Drops training documents with a picture, sound or clip of an evaluation set: byte for byte, or
/// within the likeness that data/corpus/media_matches.h finds.
class DecontaminateMedia : public Stage {
 public:
  /// Paths of sets start at `root`; what does not fit into memory lies on the disk of `folder`.
  DecontaminateMedia(DecontaminationConfig config, std::filesystem::path root,
                     std::filesystem::path folder)
      : config_(std::move(config)), root_(std::move(root)), folder_(std::move(folder)) {}

  /// Throws DataError: a set without media, a file of one that cannot be decoded.
  void run(Selection& selection) override;
  std::string name() const override { return "decontaminate_media"; }
  Json json() const override;
  void show(Page& page) const override;

 private:
  struct Set {
    std::string name;
    int64_t items = 0;
    int64_t plain = 0;  // too plain or too short: they are found byte for byte
    int64_t documents = 0;
  };
  struct Item {
    std::filesystem::path path;
    Modality modality = Modality::kImage;
    size_t set = 0;
  };
  struct Example {
    size_t set = 0;
    std::string document;  // source and id
    std::string item;
    Figure item_figure;
    Figure document_figure;
  };
  struct Medium {
    size_t number = 0;  // of its document
    uint64_t item = 0;  // that it is like, the first; kNoItem: none
    uint8_t place = 0;  // in its document
  };

  void find_items();
  void read_items(const Selection& selection, MediaMatches& matches);
  void read_documents(const Selection& selection, MediaMatches& matches);
  void note_example(const Selection& selection, const Medium& medium);

  DecontaminationConfig config_;
  std::filesystem::path root_, folder_;
  std::vector<Set> sets_;
  std::vector<Item> items_;
  std::unordered_map<uint64_t, uint64_t> contents_;  // xxh3_64 of an item -> the first with it
  std::vector<Medium> media_;  // of training, behind the items in MediaMatches
  std::vector<Example> examples_;
};

}  // namespace reka::data
