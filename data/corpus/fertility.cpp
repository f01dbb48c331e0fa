#include "data/corpus/fertility.h"

#include <algorithm>

#include <fmt/format.h>
#include <unicode/uchar.h>

#include "data/corpus/lines.h"
#include "data/corpus/normalize.h"
#include "data/corpus/words.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

constexpr uint64_t kSampleSeed = 0x666572;  // another draw than that of the tokenizer's own sample

double per(int64_t amount, int64_t tokens) {
  return tokens == 0 ? 0 : static_cast<double>(amount) / static_cast<double>(tokens);
}

}  // namespace

Fertility::Fertility(const FertilityConfig& config, std::shared_ptr<const Tokenizer> own)
    : sample_bytes_(config.sample_bytes), names_{"this corpus"}, own_(std::move(own)) {
  for (const auto& [name, path] : config.tokenizers) {
    names_.push_back(name);
    others_.push_back(TokenCounter::load(path));
  }
}

void Fertility::Row::add(const Row& other) {
  documents += other.documents;
  bytes += other.bytes;
  characters += other.characters;
  words += other.words;
  tokens.resize(std::max(tokens.size(), other.tokens.size()));
  for (size_t n = 0; n < other.tokens.size(); ++n) tokens[n] += other.tokens[n];
}

void Fertility::run(Selection& selection) {
  const auto& corpus = selection.corpus();
  std::map<std::string, int64_t> bytes;
  for (size_t n = 0; n < corpus.marks.size(); ++n) {
    if (selection.trains_on(n)) bytes[corpus.language_of(n)] += corpus.marks[n].text_bytes;
  }
  selection.visit<Row>(
      "comparing tokenizers",
      [&](size_t number, Document&& document) {
        if (!selection.trains_on(number)) return Row();
        const auto all = std::max<int64_t>(bytes.at(corpus.language_of(number)), 1);
        const auto rate = static_cast<double>(sample_bytes_) / static_cast<double>(all);
        const auto draw = uniform(mix64(corpus.marks[number].content.low, kSampleSeed));
        return draw < rate ? row_of(document) : Row();
      },
      [&](size_t number, Row&& row) {
        if (row.documents > 0) rows_[corpus.language_of(number)].add(row);
      });
}

Fertility::Row Fertility::row_of(const Document& document) const {
  Row row{.documents = 1, .tokens = std::vector<int64_t>(names_.size())};
  std::vector<std::string_view> words;
  for (const auto& part : document.parts) {
    if (part.kind != Part::Kind::kText) continue;
    row.bytes += static_cast<int64_t>(part.text.size());
    row.characters += count_characters(part.text);
    split_words(part.text, words);
    row.words += std::ranges::count_if(words, [](std::string_view word) {
      const auto character = first_character_of(word);
      return character >= 0 && u_isalnum(character);
    });
    row.tokens[0] += std::ssize(own_->encode(part.text));
    for (size_t n = 0; n < others_.size(); ++n) row.tokens[n + 1] += others_[n]->count(part.text);
  }
  return row;
}

Json Fertility::json() const {
  if (rows_.empty()) return nullptr;
  Json languages = Json::object();
  for (const auto& [language, row] : rows_) {
    Json tokens = Json::object();
    for (size_t n = 0; n < names_.size(); ++n) {
      tokens[names_[n]] = {{"tokens", row.tokens[n]},
                           {"bytes_per_token", per(row.bytes, row.tokens[n])},
                           {"characters_per_token", per(row.characters, row.tokens[n])},
                           {"tokens_per_word", per(row.tokens[n], row.words)}};
    }
    languages[language] = {{"documents", row.documents},
                           {"bytes", row.bytes},
                           {"characters", row.characters},
                           {"words", row.words},
                           {"tokenizers", tokens}};
  }
  return {{"sample_bytes", sample_bytes_}, {"languages", languages}};
}

void Fertility::show(Page& page) const {
  if (rows_.empty()) return;
  page.heading("Tokenizers");
  page.note(fmt::format(
      "Bytes and characters per token and tokens per word, on whole documents of "
      "about {} bytes of each language; the language with the fewest characters per token first.",
      sample_bytes_));
  std::vector<std::pair<std::string, Row>> sorted(rows_.begin(), rows_.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return per(a.second.characters, a.second.tokens[0]) <
           per(b.second.characters, b.second.tokens[0]);
  });
  PageTable table;
  table.columns = {"language", "sampled MB"};
  for (const auto& name : names_) {
    table.columns.push_back(name + ": bytes/token");
    table.columns.push_back("characters/token");
    table.columns.push_back("tokens/word");
  }
  for (const auto& [language, row] : sorted) {
    std::vector<std::string> cells = {language.empty() ? "(unknown)" : language,
                                      fmt::format("{:.3f}", static_cast<double>(row.bytes) / 1e6)};
    for (const auto tokens : row.tokens) {
      cells.push_back(fmt::format("{:.2f}", per(row.bytes, tokens)));
      cells.push_back(fmt::format("{:.2f}", per(row.characters, tokens)));
      cells.push_back(fmt::format("{:.2f}", per(tokens, row.words)));
    }
    table.rows.push_back(std::move(cells));
  }
  page.table(table);
}

}  // namespace reka::data
