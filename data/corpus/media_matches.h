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

/// Finds media that are alike among any number of them: candidates are those that agree exactly in
/// a piece of their fingerprints, and each is held against the other as a whole.
///
/// Pictures, in any of the 8 symmetries, and frames of clips: the 256 bits are cut into 16 pieces
/// of 16. Hashes of distance <= 15 agree in one of them for certain (pigeonhole). Of those that
/// differ in d bits at random places 99.9 % agree in one for d = 20, 98.6 % for 25, 91.3 % for 31:
/// 1 - sum_k (-1)^k C(16, k) C(256 - 16 k, d) / C(256, d). Bits of real copies are not at random
/// places: they differ where a frequency is near the median.
/// Sounds: each item of 32 bits. Of n items with a bit error rate e at random places one agrees
/// with the probability 1 - (1 - (1 - e)^32)^n: for 10 s (60 items) all but 3 in a million at 0.05,
/// 88 % at 0.1, 28 % at 0.15; for 60 s (464 items) 92 % at 0.15.
/// All pairs of pictures in a group are compared, so that time grows with the square of what looks
/// alike in a piece; of clips and sounds a piece brings at most kMostOfPiece comparisons for each,
/// as silence or a title may stand in all.
/// Memory: that of HashGroups, and 16 bytes for each medium; the fingerprints lie on the disk.
class MediaMatches {
 public:
  static constexpr size_t kMostOfPiece = 64;

  /// Pairs are an earlier medium that may be the first of a pair and a later one that may be the
  /// second.
  enum class Role : uint8_t { kFirst = 1, kSecond = 2, kBoth = 3 };

  MediaMatches(const LikenessConfig& config, uint64_t memory, std::filesystem::path folder)
      : config_(config),
        memory_(memory),
        folder_(std::move(folder)),
        file_(folder_, "the fingerprints of all media") {}

  /// Media get the numbers 0, 1, 2 ...
  void add(const Fingerprint& fingerprint, Role role);
  /// Takes part no more; before visit().
  void leave_out(uint64_t medium) { places_[medium].count = 0; }

  /// found(first, second) for each pair that is alike and not known(first, second). Once.
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
    Role role = Role::kBoth;
  };
  struct Entry;
  using Groups = HashGroups<uint64_t>;

  uint64_t count_entries() const;
  void add_entries(uint64_t medium, Groups& groups) const;
  void compare_pictures(std::span<const Entry> firsts, std::span<const Entry> seconds,
                        const Known& known, const Found& found);
  template <typename Item>
  void compare_sequences(std::span<const Entry> firsts, std::span<const Entry> seconds,
                         const Known& known, const Found& found);
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
