#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "data/tokens/bpe.h"
#include "reka/base/error.h"

// tokenizer.json of Hugging Face.

namespace reka::data {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// Of GPT-2's own tokenizer.
constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

std::string text_at(const object& from, std::string_view key) {
  std::string_view text;
  return from.at_key(key).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

bool flag_at(const object& from, std::string_view key, bool missing = false) {
  bool flag = missing;
  return from.at_key(key).get(flag) == simdjson::SUCCESS ? flag : missing;
}

std::shared_ptr<const icu::RegexPattern> compile(const std::string& pattern,
                                                 const std::string& place) {
  UErrorCode status = U_ZERO_ERROR;
  UParseError error;
  std::shared_ptr<const icu::RegexPattern> compiled(
      icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(pattern), error, status));
  if (U_FAILURE(status))
    throw DataError("{}: {}: {}: must be a regular expression that ICU knows", place, pattern,
                    u_errorName(status));
  return compiled;
}

}  // namespace

/// Reads the parts of a tokenizer.json.
struct Bpe::Reader {
  Bpe& bpe;
  const std::string& place;

  [[noreturn]] void fail(std::string_view key, std::string_view found,
                         std::string_view expected) const {
    throw DataError("{}: {}: {}: {}", place, key, found, expected);
  }

  void read(const object& file) const {
    object model;
    if (file.at_key("model").get(model) != simdjson::SUCCESS)
      throw DataError("{}: no model: must be a tokenizer.json", place);
    read_model(model);
    each_of(file, "normalizer", "normalizers", [&](const object& one) { read_normalizer(one); });
    each_of(file, "pre_tokenizer", "pretokenizers", [&](const object& one) { read_cut(one); });
    array added;
    if (file.at_key("added_tokens").get(added) != simdjson::SUCCESS) return;
    for (const auto token : added) {
      object one;
      if (token.get(one) == simdjson::SUCCESS && !flag_at(one, "special"))
        bpe.added_.push_back(text_at(one, "content"));
    }
    std::ranges::stable_sort(bpe.added_, std::ranges::greater(), &std::string::size);
  }

  void read_model(const object& model) const {
    const auto type = text_at(model, "type");
    if (!type.empty() && type != "BPE") fail("model.type", type, "must be BPE");
    for (const std::string_view affix : {"continuing_subword_prefix", "end_of_word_suffix"}) {
      if (const auto text = text_at(model, affix); !text.empty())
        fail("model", affix, "must be empty");
    }
    object vocabulary;
    array merges;
    if (model.at_key("vocab").get(vocabulary) != simdjson::SUCCESS ||
        model.at_key("merges").get(merges) != simdjson::SUCCESS)
      fail("model", "no vocab and merges", "must be those of BPE");
    for (const auto [piece, id] : vocabulary) {
      int64_t number = 0;
      if (id.get(number) != simdjson::SUCCESS || number < 0 || number > INT32_MAX)
        fail("model.vocab", piece, "must have an id");
      bpe.vocabulary_.emplace(piece, static_cast<int32_t>(number));
    }
    int32_t rank = 0;
    for (const auto merge : merges) read_merge(merge, rank++);
    bpe.byte_fallback_ = flag_at(model, "byte_fallback");
    bpe.fuses_unknown_ = flag_at(model, "fuse_unk");
    bpe.ignores_merges_ = flag_at(model, "ignore_merges");
  }

  // "a b", or ["a", "b"].
  void read_merge(const element& merge, int32_t rank) const {
    std::string_view left, right;
    array both;
    if (merge.get(both) == simdjson::SUCCESS) {
      if (both.size() != 2 || both.at(0).get(left) != simdjson::SUCCESS ||
          both.at(1).get(right) != simdjson::SUCCESS)
        fail("model.merges", fmt::format("{}", rank), "must be two pieces");
    } else if (merge.get(left) == simdjson::SUCCESS) {
      const auto space = left.find(' ');
      if (space == left.npos) fail("model.merges", left, "must be two pieces");
      right = left.substr(space + 1);
      left = left.substr(0, space);
    }
    bpe.merges_.try_emplace(pair_of(id_of(left), id_of(right)),
                            Merge{rank, id_of(std::string(left).append(right))});
  }

  int32_t id_of(std::string_view piece) const {
    const auto found = bpe.vocabulary_.find(std::string(piece));
    if (found == bpe.vocabulary_.end()) fail("model.merges", piece, "must be in model.vocab");
    return found->second;
  }

  // The value of a key, or each of a Sequence.
  template <typename Use>
  void each_of(const object& file, std::string_view key, std::string_view list,
               const Use& use) const {
    object one;
    if (file.at_key(key).get(one) != simdjson::SUCCESS) return;
    array several;
    if (text_at(one, "type") != "Sequence") {
      use(one);
    } else if (one.at_key(list).get(several) == simdjson::SUCCESS) {
      for (const auto item : several) {
        object inner;
        if (item.get(inner) == simdjson::SUCCESS) use(inner);
      }
    }
  }

  void read_normalizer(const object& one) const {
    const auto type = text_at(one, "type");
    if (type == "NFC") return;
    if (type == "Prepend") {
      bpe.replacements_.push_back({"", text_at(one, "prepend")});
    } else if (type == "Replace" && !string_pattern(one).empty()) {
      bpe.replacements_.push_back({string_pattern(one), text_at(one, "content")});
    } else {
      fail("normalizer", type, "must be NFC, Prepend or Replace of a text");
    }
  }

  static std::string string_pattern(const object& one) {
    object pattern;
    if (one.at_key("pattern").get(pattern) != simdjson::SUCCESS) return "";
    return text_at(pattern, "String");
  }

  void read_cut(const object& one) const {
    const auto type = text_at(one, "type");
    if (type == "ByteLevel") {
      bpe.by_bytes_ = true;
      if (flag_at(one, "add_prefix_space", true))
        bpe.cuts_.push_back({.kind = Cut::Kind::kPrefixSpace});
      if (flag_at(one, "use_regex", true))
        bpe.cuts_.push_back({.pattern = compile(std::string(kGpt2Pattern), place)});
    } else if (type == "Split") {
      read_split(one);
    } else if (type == "Digits") {
      const auto* digits = flag_at(one, "individual_digits") ? R"(\p{N})" : R"(\p{N}+)";
      bpe.cuts_.push_back({.pattern = compile(digits, place)});
    } else if (type == "Metaspace") {
      auto scheme = text_at(one, "prepend_scheme");
      if (scheme.empty()) scheme = flag_at(one, "add_prefix_space", true) ? "always" : "never";
      bpe.cuts_.push_back({.kind = Cut::Kind::kMetaspace,
                           .mark = text_at(one, "replacement"),
                           .prepends = scheme == "always",
                           .prepends_first = scheme == "first",
                           .splits = flag_at(one, "split", true)});
    } else {
      fail("pre_tokenizer", type, "must be ByteLevel, Split, Digits or Metaspace");
    }
  }

  void read_split(const object& one) const {
    object pattern;
    const auto behavior = text_at(one, "behavior");
    if (one.at_key("pattern").get(pattern) != simdjson::SUCCESS)
      fail("pre_tokenizer", "Split", "must have a pattern");
    const auto literal = text_at(pattern, "String");
    Cut cut = {.pattern = compile(
                   literal.empty() ? text_at(pattern, "Regex") : "\\Q" + literal + "\\E", place)};
    if (behavior == "Removed") {
      (flag_at(one, "invert") ? cut.keeps_rest : cut.keeps_found) = false;
    } else if (behavior == "MergedWithPrevious" && !flag_at(one, "invert")) {
      cut.joins = Cut::Joins::kBefore;
    } else if (behavior == "MergedWithNext" && !flag_at(one, "invert")) {
      cut.joins = Cut::Joins::kBehind;
    } else if (behavior != "Isolated") {
      fail("pre_tokenizer", "Split " + behavior,
           "must be Isolated, Removed, MergedWithPrevious or MergedWithNext");
    }
    bpe.cuts_.push_back(std::move(cut));
  }
};

Bpe::Bpe(std::string_view json, const std::string& place) {
  simdjson::dom::parser parser;
  object file;
  if (parser.parse(json.data(), json.size()).get(file) != simdjson::SUCCESS)
    throw DataError("{}: not JSON: must be a tokenizer.json", place);
  Reader{*this, place}.read(file);
}

}  // namespace reka::data
