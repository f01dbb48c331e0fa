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
#include "data/tokens/token_counter.h"
#include "data/tokens/tokenizer.h"
#include "reka/base/config.h"
#include "reka/base/json.h"
#include "reka/base/page.h"

namespace reka::data {

struct FertilityConfig {
  Table<std::string> tokenizers;
  int64_t sample_bytes = 1'000'000;

  void describe(auto& field) {
    field("tokenizers", tokenizers,
          "other tokenizers by name, to compare with in the report: a SentencePiece model, a "
          "tokenizer.json of Hugging Face with BPE, or the folder of one");
    field("sample_bytes", sample_bytes, "text of each language that is compared", positive);
  }
};

/// How many bytes and characters of each language stand in a token, and how many tokens a word is,
/// by the corpus's own tokenizer and by others. Every language has a row of its own, however little
/// there is of it.
class Fertility final : public Stage {
 public:
  /// Throws DataError: one of the tokenizers is not there.
  Fertility(const FertilityConfig& config, std::shared_ptr<const Tokenizer> own);

  /// Encodes whole documents of the training text, of each language about sample_bytes; the same
  /// for any number of threads.
  void run(Selection& selection) override;
  std::string name() const override { return "fertility"; }
  Json json() const override;
  void show(Page& page) const override;

  struct Row {
    int64_t documents = 0;
    int64_t bytes = 0;
    int64_t characters = 0;
    int64_t words = 0;            // as of words.h, that begin with a letter or a digit
    std::vector<int64_t> tokens;  // by tokenizer, the corpus's own first

    void add(const Row& other);
    static auto members(auto& self) {
      return std::tie(self.documents, self.bytes, self.characters, self.words, self.tokens);
    }
  };
  const std::map<std::string, Row>& rows() const { return rows_; }  // by language
  const std::vector<std::string>& names() const { return names_; }

 private:
  Row row_of(const Document& document) const;

  int64_t sample_bytes_;
  std::vector<std::string> names_;
  std::shared_ptr<const Tokenizer> own_;
  std::vector<std::shared_ptr<const TokenCounter>> others_;
  std::map<std::string, Row> rows_;
};

}  // namespace reka::data
