#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "data/corpus/shingles.h"
#include "data/media/fingerprint.h"
#include "reka/base/config.h"
#include "reka/base/words.h"

namespace reka::data {

/// Items of one evaluation set: JSON lines.
struct EvaluationSetConfig {
  std::string path;
  std::vector<std::string> keys;

  void describe(auto& field) {
    field("path", path,
          "JSON lines below the corpus folder, an item a line, with * and **; .gz and .zst are "
          "unpacked",
          not_empty);
    field("keys", keys, "whose texts are looked for in the corpus; empty: those of all keys");
  }
};

/// Media of one evaluation set: files.
struct MediaSetConfig {
  std::string path;

  void describe(auto& field) {
    field("path", path,
          "pictures, sounds and clips below the corpus folder, with * and **; other files are left "
          "out",
          not_empty);
  }
};

/// Which evaluation sets a corpus is kept free of, and what counts as found.
struct DecontaminationConfig {
  int64_t ngram = 13;
  int64_t longest = 13;
  int64_t frame_items = 10;
  Table<EvaluationSetConfig> sets;
  Table<MediaSetConfig> media_sets;
  LikenessConfig media;

  void describe(auto& field) {
    field("ngram", ngram,
          "words of an item that are looked for at once, in the plain form of "
          "near duplicates",
          between(3, 1000));
    field("longest", longest,
          "a document goes when so many words on end, or more, stand in an item",
          between(3, 100000));
    field("frame_items", frame_items,
          "words on end that stand in more items of a set than this are its frame, such as "
          "instructions, and are not looked for",
          positive);
    field("sets", sets, "evaluation sets by name");
    field("media_sets", media_sets,
          "pictures, sounds and clips of evaluation sets by name: training documents that hold one "
          "go");
    field("media", media, "from where on media are those of an evaluation set");
    field.rule("longest", longest >= ngram, "must be at least ngram");
    for (const auto& [name, set] : media_sets) {
      field.rule("media_sets." + name, is_plain_name(name),
                 "must have a name of letters, digits, - and _");
    }
    for (const auto& [name, set] : sets) {
      field.rule("sets." + name, is_plain_name(name),
                 "must have a name of letters, digits, - and _");
    }
  }

  bool has_sets() const { return !sets.empty() || !media_sets.empty(); }
};

/// The runs of words of all items, and where a text has one of them. Runs of fewer than three
/// different words, such as columns of numbers, are not looked for.
class EvaluationIndex {
 public:
  /// What was read of a set.
  struct Set {
    std::string name;
    int64_t items = 0;
    int64_t too_short = 0;  // items of fewer words than a run: they cannot be found
    int64_t ngrams = 0;     // that are looked for
    int64_t frame = 0;      // that stand in too many items
  };

  struct Match {
    size_t set = 0;
    std::string item;  // its id, or its line
    size_t words = 0;  // on end
    std::string text;  // these words in their plain form

    static auto members(auto& self) { return std::tie(self.set, self.item, self.words, self.text); }
  };

  /// Reads all sets below `root`. Throws DataError, with the configuration's `key`: a set of which
  /// nothing is there, a line that is no JSON object, a key that no item has.
  EvaluationIndex(const DecontaminationConfig& config, const std::filesystem::path& root,
                  const std::string& key = "data.decontaminate");

  const std::vector<Set>& sets() const { return sets_; }
  Shingler make_shingler() const { return {ShingleUnit::kWords, ngram_}; }

  /// The longest run of the text's words whose n-grams all stand in evaluation sets, when it is
  /// long enough; the first of equals. The set and item are those of its first n-gram.
  std::optional<Match> find(std::string_view text, Shingler& shingler) const;

 private:
  struct Entry {
    uint64_t hash = 0;
    uint32_t set = 0;
    uint32_t item = 0;  // in items_

    auto operator<=>(const Entry&) const = default;  // NOLINT(modernize-use-nullptr): finds none
  };

  void read_set(const std::string& key, const EvaluationSetConfig& set,
                const std::filesystem::path& root);
  void drop_frames(int64_t frame_items);
  void fill_filter();
  bool may_hold(uint64_t hash) const;
  const Entry* find_entry(uint64_t hash) const;

  size_t ngram_, longest_;
  std::vector<Set> sets_;
  std::vector<std::string> items_;
  std::vector<Entry> entries_;    // by hash, once each
  std::vector<uint64_t> filter_;  // bits of the hashes that are there
  uint64_t filter_mask_ = 0;
};

}  // namespace reka::data
