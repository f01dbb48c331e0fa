#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/corpus/evaluation_index.h"
#include "data/corpus/recognised.h"

namespace reka::data {

/// The pictures, sounds and clips of evaluation sets, and which of them a medium is: byte for byte,
/// or within the likeness. Candidates are found as data/corpus/media_pieces.h tells.
/// Memory: about 600 bytes for a picture, 290 for a second of a clip, 24 for an item of a sound.
class EvaluationMedia {
 public:
  struct Set {
    std::string name;
    int64_t items = 0;
    int64_t plain = 0;  // too plain or too short: they are found byte for byte
  };
  struct Item {
    std::filesystem::path path;
    size_t set = 0;
    Fingerprint fingerprint;
  };

  /// Reads the files of all sets below `root`. Throws DataError, with the configuration's `key`: a
  /// set without media, a file that cannot be decoded.
  EvaluationMedia(const DecontaminationConfig& config, std::filesystem::path root, size_t threads,
                  const std::string& key = "data.decontaminate");

  const std::vector<Set>& sets() const { return sets_; }
  const Item& item(size_t number) const { return items_[number]; }
  std::string name_of(size_t item) const;  // below the root

  /// The first item that it is. From any thread.
  std::optional<size_t> find(const RecognisedMedia& medium) const;

 private:
  struct Entry {
    uint64_t key = 0;
    uint32_t item = 0;
    uint32_t position = 0;

    auto operator<=>(const Entry&) const = default;  // NOLINT(modernize-use-nullptr): finds none
  };

  void find_files_of_sets(const std::string& key);
  void read_items(size_t threads);
  template <typename IsAlike>
  void search(uint64_t key, size_t most, size_t& best, const IsAlike& is_alike) const;

  DecontaminationConfig config_;
  std::filesystem::path root_;
  std::vector<Set> sets_;
  std::vector<Item> items_;
  std::unordered_map<uint64_t, size_t> contents_;  // XXH3-64 of a file -> the first item with it
  std::vector<Entry> entries_;                     // sorted
};

}  // namespace reka::data
