#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/card.h"
#include "data/corpus/evaluation_index.h"
#include "data/corpus/fertility.h"
#include "data/corpus/held_out_lines.h"
#include "data/corpus/media_duplicates.h"
#include "data/corpus/near_duplicates.h"
#include "data/corpus/prepare.h"
#include "data/corpus/repeated_paragraphs.h"
#include "data/corpus/repeated_substrings.h"
#include "data/corpus/rules.h"
#include "data/corpus/source.h"
#include "data/tokens/train.h"
#include "reka/base/config.h"
#include "reka/base/words.h"

namespace reka::data {

struct TokenizerFileConfig {
  static constexpr std::string_view kName = "file";
  std::string path;

  void describe(auto& field) {
    field("path", path,
          "a tokenizer.model, or the folder of one: shards, run, checkpoint, exported folder",
          not_empty);
  }
};

/// A corpus: its sources, its tokenizer, and the folder of shards that it becomes.
struct CorpusConfig {
  std::string folder;
  std::string packages;
  OneOf<TokenizerTrainConfig, TokenizerFileConfig> tokenizer;
  FertilityConfig fertility;
  CardConfig card;
  OneOf<KeepNearDuplicatesConfig, NearDuplicateConfig> near_duplicates;
  OneOf<KeepMediaDuplicatesConfig, MediaDuplicateConfig> media_duplicates;
  OneOf<KeepParagraphsConfig, RepeatedParagraphConfig> paragraphs;
  OneOf<KeepSubstringsConfig, RepeatedSubstringConfig> substrings;
  OneOf<HeldOutLinesConfig, KeepHeldOutLinesConfig> held_out_lines;
  DecontaminationConfig decontaminate;
  int64_t shard_bytes = 64LL << 20;
  int64_t threads = 0;
  int64_t memory_bytes = 512LL << 20;
  bool keep_reading = false;
  PrepareConfig prepare;
  RuleTable rules;
  Table<SourceConfig> sources;

  void describe(auto& field) {
    field("folder", folder, "where the shards, tokenizer.model and the report go", not_empty);
    field.rule("folder", !folder.starts_with('~'), kNoTilde);
    field("packages", packages,
          "folder at which the paths of sources start; empty: that of scripts/fetch_corpus, corpus "
          "below $REKA_CACHE or ~/.cache/reka");
    field("tokenizer", tokenizer, "trained on the corpus, or taken from a file");
    field("fertility", fertility,
          "bytes and characters per token and tokens per word of each language, in the report");
    field("card", card, "which languages the report names as rare");
    field("near_duplicates", near_duplicates,
          "whether texts that are nearly the same are kept once, and how they are found");
    field("media_duplicates", media_duplicates,
          "whether pictures, clips and sounds that are the same to the eye or ear are looked for");
    field("paragraphs", paragraphs,
          "whether a paragraph that stands in several training texts is kept in the first alone");
    field("substrings", substrings,
          "whether runs of words that stand in the corpus more than once are taken out, at the "
          "edges of words");
    field("held_out_lines", held_out_lines,
          "whether lines of dev and test texts that training has too are taken out of those texts");
    field("decontaminate", decontaminate,
          "evaluation sets whose words and media must not stand in training documents");
    field("shard_bytes", shard_bytes, "size at which a shard is closed", positive);
    field("threads", threads, "threads that read and tokenize; 0: one for each core", not_negative);
    field(
        "memory_bytes", memory_bytes,
        "memory of a step that compares documents, besides some bytes for each; what does not fit "
        "is sorted on disk",
        at_least(1 << 20));
    field("keep_reading", keep_reading,
          "what was read stays on disk beside the folder, some twice the size of the corpus, for "
          "builds with other rules, tokenizer or shards: they read nothing again");
    prepare.describe(field);
    field("rules", rules,
          "which documents are dropped for their signals, by name; configs/data/rules has some");
    for (const auto& [name, rule] : rules) {
      field.rule("rules." + name, is_plain_name(name),
                 "must have a name of letters, digits, - and _");
    }
    field("sources", sources, "what the corpus is made of, by name: letters, digits, - and _",
          not_empty);
    for (const auto& [name, rule] : rules) {
      const auto unknown = unknown_source(rule.sources);
      field.rule("rules." + name + ".sources", unknown.empty(),
                 "must be names of data.sources: there is no " + unknown);
    }
    for (const auto& [name, source] : sources) {
      field.rule("sources." + name, is_plain_name(name),
                 "must have a name of letters, digits, - and _");
    }
    field.rule(
        "sources", [this] { return emoji_splits_agree(); },
        "must give one reader.split to all sources of type emoji and emoji_video: what one holds "
        "out the other would show");
  }

  /// What is done at reading: media are decoded also where something needs what only that tells.
  PrepareConfig preparation() const;
  bool emoji_splits_agree() const;
  /// The first that is no source; "": all are.
  std::string unknown_source(const std::vector<std::string>& names) const;
};

/// The file that `reka data build` takes.
struct DataBuildConfig {
  CorpusConfig data;

  void describe(auto& field) { field("data", data, "the corpus"); }
};

}  // namespace reka::data
