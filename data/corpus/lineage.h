#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/rule_set.h"
#include "data/corpus/signal_file.h"
#include "reka/base/json.h"

namespace reka::data {

/// A rule that judged a document, which it kept.
struct PassedRule {
  std::string name;
  std::string signal;  // with its version
  float value = 0;
  RuleSet::Bounds bounds;  // in the document's language

  /// Without the bounds that there are none of.
  Json to_json() const;
};

/// Why a document is in a corpus, from what the build left beside the shards.
class Lineage {
 public:
  /// nullopt where the folder has no signals: shards of a server, or of another program.
  static std::optional<Lineage> open(const std::filesystem::path& folder);

  /// The rules that the document of this row of a source (Origin) passed. Throws DataError for a
  /// row that signals.bin does not have, or that is of another document.
  std::vector<PassedRule> rules(std::string_view source, uint64_t row,
                                std::string_view document) const;

 private:
  explicit Lineage(const std::filesystem::path& folder);

  std::filesystem::path path_;
  std::shared_ptr<const SignalFile> signals_;
  std::shared_ptr<const RuleSet> rules_;
  std::map<std::string, uint64_t, std::less<>> first_rows_;  // of the sources
};

}  // namespace reka::data
