#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/corpus/origin.h"
#include "data/corpus/report.h"
#include "reka/base/config.h"
#include "reka/base/json.h"

namespace reka::data {

/// What the card says besides what the build knows, and from where on a language is not rare.
struct CardConfig {
  std::string title;
  std::string description;
  std::vector<std::string> authors;
  int64_t min_documents = 100;
  int64_t min_text_bytes = 1'000'000;
  int64_t min_tokens = 250'000;

  void describe(auto& field) {
    field("title", title, "heading of report and card; empty: the name of the folder");
    field("description", description, "what the corpus is, for people who come upon it");
    field("authors", authors, "who made it");
    field("min_documents", min_documents, "a language of fewer documents is named as rare",
          not_negative);
    field("min_text_bytes", min_text_bytes, "or of less text", not_negative);
    field("min_tokens", min_tokens, "or of fewer tokens", not_negative);
  }
};

/// What a paper says of its data besides the counts of CorpusReport: under which licences it
/// stands, where it comes from, what of it nobody can tell, which languages are rare.
struct CorpusCard {
  using Counts = CorpusReport::Counts;  // of what was kept

  struct Licence {
    std::string name;  // SPDX; "" for sources that name none
    std::vector<std::string> sources;
    std::vector<std::string> packages;  // with their versions
    Counts counts;
  };
  struct Unclear {
    std::string source;  // "" for the documents of unknown language
    std::vector<std::string> missing;
    Counts counts;
  };
  struct RareLanguage {
    std::string language;
    std::string tier;  // of language_tiers(); "" for none
    Counts counts;
    int64_t aim = 0;      // tokens of the middle language of its tier; of the last for one of none
    int64_t repeats = 0;  // with which it has as many; 0: it has no tokens
  };
  struct AbsentLanguage {
    std::string language;
    std::string tier;
  };

  CorpusOrigin origin;
  CardConfig config;
  Counts total;
  std::vector<Licence> licences;       // most tokens first
  std::vector<Unclear> unclear;        // in the order of the sources
  std::vector<RareLanguage> rare;      // fewest tokens first
  std::vector<AbsentLanguage> absent;  // of the languages of language_tiers()

  /// Of all tokens, 0 to 1.
  double share(const Counts& counts) const;
  Json json() const;
};

CorpusCard make_card(const CorpusReport& report, CorpusOrigin origin, const CardConfig& config);

/// "iso-codes 4.15.0-1"
std::string name_with_version(const PackageFiles& package);

}  // namespace reka::data
