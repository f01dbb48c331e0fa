#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "data/corpus/disjoint_sets.h"
#include "data/corpus/duplicate_graph.h"
#include "data/corpus/media_matches.h"
#include "data/corpus/ranks.h"
#include "data/corpus/recognised.h"
#include "data/corpus/stage.h"
#include "data/corpus/workspace.h"
#include "data/media/fingerprint.h"
#include "reka/base/config.h"

namespace reka::data {

struct KeepMediaDuplicatesConfig {
  static constexpr std::string_view kName = "none";

  void describe(auto&) {}
};

struct MediaDuplicateConfig {
  static constexpr std::string_view kName = "perceptual";
  Choice keep{"first", {"first", "all"}};
  LikenessConfig likeness;

  void describe(auto& field) {
    field("keep", keep,
          "first: a document goes when each of its media is like one of a document before it; "
          "conversations stay, as many may be about one picture; all: they are told of in the "
          "report alone");
    likeness.describe(field);
  }
};

/// Finds media that are the same, byte for byte or to the eye or ear (data/corpus/media_matches.h
/// tells which are found), and keeps the first document of each: in training before dev before
/// test, then in the order of the corpus. Media that are too plain or too short to be recognised
/// take part byte for byte.
/// Memory besides that of its Workspace: 40 bytes for each medium and those of MediaMatches.
class MediaDuplicates : public Stage {
 public:
  /// The graph is told of each medium
  /// that is like one of a document before it.
  MediaDuplicates(const MediaDuplicateConfig& config, Workspace space, DuplicateGraph& graph)
      : config_(config), space_(std::move(space)), graph_(graph) {}

  void run(Selection& selection) override;
  std::string name() const override { return "media_duplicates"; }
  Json json() const override;
  void show(Page& page) const override;

 private:
  struct Counts {
    int64_t media = 0;
    int64_t exact = 0;       // copies of others, byte for byte
    int64_t plain = 0;       // too plain or too short to be recognised
    int64_t duplicates = 0;  // like one of a document before it
  };
  struct Found {  // in a document
    std::vector<RecognisedMedia> media;
    bool stays = false;

    static auto members(auto& self) { return std::tie(self.media, self.stays); }
  };
  struct Later {                     // by rank
    std::vector<bool> is_later;      // each medium is like one of a document before it
    std::vector<uint32_t> later_of;  // so many such documents begin with a medium like one of it
  };
  struct Owner {
    uint64_t rank = 0;  // of its document
    Modality modality = Modality::kImage;
    bool stays = false;  // a conversation
  };

  void read(const Selection& selection, MediaMatches& matches);
  void join_exact(MediaMatches& matches, DisjointSets<uint64_t>& sets);
  Later find_later(const Ranks& ranks, const DisjointSets<uint64_t>& sets);
  void tell_graph(uint64_t first, uint64_t second);
  size_t place_of(uint64_t medium) const;
  Counts& counts_of(uint64_t medium);

  MediaDuplicateConfig config_;
  Workspace space_;
  DuplicateGraph& graph_;
  std::vector<Owner> owners_;       // by medium
  std::vector<uint64_t> contents_;  // by medium
  std::array<Counts, kModalityNames.size()> counts_;
  int64_t compared_ = 0;
  int64_t documents_ = 0;  // of which all media are those of others
};

}  // namespace reka::data
