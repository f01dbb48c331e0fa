#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "data/corpus/hash_groups.h"
#include "data/corpus/scratch_file.h"
#include "data/media/fingerprint.h"

namespace reka::data {

/// Finds media that are alike among any number of them: candidates are those that agree in a piece
/// of their fingerprints (data/corpus/media_pieces.h), and each is held against the other as a
/// whole: pictures in any of the 8 symmetries. All pairs of pictures in a group are compared, so
/// that time grows with the square of what looks alike in a piece.
/// Memory: that of HashGroups, and 16 bytes for each medium; the fingerprints lie on the disk.
class MediaMatches {
 public:
  MediaMatches(const LikenessConfig& config, uint64_t memory, std::filesystem::path folder)
      : config_(config),
        memory_(memory),
        folder_(std::move(folder)),
        file_(folder_, "the fingerprints of all media") {}

  /// Media get the numbers 0, 1, 2 ...
  void add(const Fingerprint& fingerprint);
  /// Takes part no more; before visit().
  void leave_out(uint64_t medium) { places_[medium].count = 0; }

  /// found(first, second) for each pair, the earlier first, that is alike and not known(first,
  /// second). Once.
  using Known = std::function<bool(uint64_t first, uint64_t second)>;
  using Found = std::function<void(uint64_t first, uint64_t second)>;
  void visit(const Known& known, const Found& found);

  uint64_t size() const { return places_.size(); }
  int64_t compared() const { return compared_; }  // pairs that were held against each other

 private:
  struct Place {
    uint64_t offset = 0;
    uint32_t count = 0;  // pictures or items
    Modality modality = Modality::kImage;
  };
  struct Entry;
  using Groups = HashGroups<uint64_t>;

  uint64_t count_entries() const;
  void add_entries(uint64_t medium, Groups& groups) const;
  void compare_pictures(std::span<const Entry> entries, const Known& known, const Found& found);
  template <typename Item>
  void compare_sequences(std::span<const Entry> entries, const Known& known, const Found& found);
  template <typename Item>
  void read(uint64_t medium, std::vector<Item>& items) const;

  LikenessConfig config_;
  uint64_t memory_;
  std::filesystem::path folder_;
  ScratchFile file_;
  std::vector<Place> places_;
  int64_t compared_ = 0;
};

}  // namespace reka::data
