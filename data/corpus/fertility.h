#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "data/corpus/selection.h"
#include "data/corpus/stage.h"
#include "data/tokens/tokenizer.h"
#include "reka/base/config.h"
#include "reka/base/json.h"
#include "reka/base/page.h"

namespace reka::data {

struct FertilityConfig {
  Table<std::string> tokenizers;
  int64_t sample_bytes = 1'000'000;

  void describe(auto& field) {
    field(
        "tokenizers", tokenizers,
        "other tokenizers by name, to compare with in the report: a tokenizer.model or its folder");
    field("sample_bytes", sample_bytes, "text of each language that is compared", positive);
  }
};

/// How many bytes and characters of each language stand in a token, by the corpus's own tokenizer
/// and by others. Every language has a row of its own, however little there is of it.
class Fertility final : public Stage {
 public:
  /// Throws DataError: one of the tokenizers is not there.
  Fertility(const FertilityConfig& config, std::shared_ptr<const Tokenizer> own);

  /// Encodes whole documents of the training text, of each language about sample_bytes; the same
  /// for any number of threads. Without other tokenizers there is nothing to do.
  void run(Selection& selection) override;
  std::string name() const override { return "fertility"; }
  Json json() const override;
  void show(Page& page) const override;

  struct Row {
    int64_t documents = 0;
    int64_t bytes = 0;
    int64_t characters = 0;
    std::vector<int64_t> tokens;  // by tokenizer, the corpus's own first

    void add(const Row& other);
    static auto members(auto& self) {
      return std::tie(self.documents, self.bytes, self.characters, self.tokens);
    }
  };
  const std::map<std::string, Row>& rows() const { return rows_; }  // by language
  const std::vector<std::string>& names() const { return names_; }

 private:
  Row row_of(const Document& document) const;

  int64_t sample_bytes_;
  std::vector<std::string> names_;
  std::vector<std::shared_ptr<const Tokenizer>> tokenizers_;
  std::map<std::string, Row> rows_;
};

}  // namespace reka::data
