#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/corpus/document_words.h"
#include "data/corpus/hash_groups.h"
#include "data/corpus/stage.h"
#include "data/corpus/substring_report.h"
#include "data/corpus/workspace.h"
#include "reka/base/config.h"

namespace reka::data {

struct KeepSubstringsConfig {
  static constexpr std::string_view kName = "none";

  void describe(auto&) {}
};

/// Runs of words that stand in the corpus more than once. Lee et al. 2022, arXiv:2107.06499, take
/// out 50 tokens and more.
struct RepeatedSubstringConfig {
  static constexpr std::string_view kName = "once";
  int64_t min_words = 50;
  Choice keep{"first", {"first", "none"}};
  int64_t min_words_left = 1;

  void describe(auto& field) {
    field("min_words", min_words,
          "shorter runs of words stay, however often they come; punctuation and symbols are words",
          between(2, 10000));
    field("keep", keep, "which copy stays; none: all are taken out");
    field("min_words_left", min_words_left,
          "a document of which less is left is dropped as emptied; above 1 the only copy of so few "
          "words may go with it",
          at_least(1));
  }
};

/// Takes out runs of at least n = min_words words that stand earlier in the corpus, in training
/// before dev before test, then in the order of the corpus: the first copy stays. Cuts lie at the
/// edges of words, which ICU finds in every script (words.h). Words are compared as they stand, not
/// in the plain form of near duplicates, so that what goes stands elsewhere word for word: there
/// all numbers are one. White space is not compared, so that line breaks hide no copy. Texts
/// without media take part, but no chats. Near a copy's ends ICU may cut a text without spaces
/// otherwise than the first; so many words stay.
///
/// Let all texts stand in one line. A word is taken out exactly when it stands in a run of n words
/// of one text that equals one which begins at least n words before. These are the words of all
/// repeats of n words and more, with no list of suffixes: every run of n words within a repeat
/// repeats the run at the same place of the first copy, and each such run is itself a repeat. Since
/// copies that overlap do not count, "la la la..." keeps its first n words. Nothing is lost: a word
/// taken out at p stands also at a place before p, within equal words; if it is taken out there
/// too, at one before that, and so on to one where it stays. A word whose copies are all cut (keep:
/// none) is gone.
///
/// Every run of n words is a 64-bit hash and a number of 32 bits (64 from 4 GB of text) that
/// HashGroups bring together in the Workspace; besides, in memory: one bit for each word, and 24
/// bytes for each document, and what is cut. Of N runs N^2 / 2^62 pairs are expected to be taken
/// for equal that are not: 0.2 in a thousand million words, each at the cost of n words.
class RepeatedSubstrings : public Stage {
 public:
  RepeatedSubstrings(const RepeatedSubstringConfig& config, Workspace space)
      : config_(config), space_(std::move(space)) {}

  void run(Selection& selection) override;
  std::string name() const override { return "repeated_substrings"; }
  Json json() const override { return report_.json(); }
  void show(Page& page) const override { report_.show(page); }

  const SubstringReport& report() const { return report_; }

 private:
  // Where a text stands in the line of all.
  struct Place {
    uint64_t begin = 0;
    uint64_t runs = 0;  // of n words; 0: takes no part
  };
  struct DocumentCuts {
    uint64_t document = 0;
    std::vector<Cut> cuts;
  };
  struct Found;
  struct FrequentRun;
  struct Examples;

  template <typename Number>
  void find(const Selection& selection, uint64_t bytes, Examples& examples);
  template <typename Number>
  void add_texts(const Selection& selection, Split side, HashGroups<Number>& groups);
  void note(FrequentRun run, Examples& examples) const;
  size_t document_at(uint64_t position) const;
  Found find_cuts(size_t number, Document&& document) const;
  std::vector<size_t> cut(const Selection& selection, Examples& examples);
  void show_examples(const Selection& selection, const Examples& examples);

  RepeatedSubstringConfig config_;
  Workspace space_;
  std::vector<Place> places_;       // by number
  std::vector<size_t> line_;        // the texts of the line
  std::vector<bool> begins_;        // in the line: where a run of n words begins that is taken out
  std::vector<DocumentCuts> cuts_;  // in the order of the corpus
  SubstringReport report_;
};

}  // namespace reka::data
