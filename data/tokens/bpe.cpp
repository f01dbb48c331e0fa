#include "data/tokens/bpe.h"

#include <algorithm>
#include <array>
#include <queue>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include "reka/base/error.h"

namespace reka::data {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// Of GPT-2's own tokenizer.
constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

uint64_t pair_of(int32_t left, int32_t right) {
  return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32U | static_cast<uint32_t>(right);
}

std::string utf8(int32_t character) {
  std::string bytes(U8_MAX_LENGTH, '\0');
  size_t end = 0;
  U8_APPEND_UNSAFE(bytes.data(), end, character);
  bytes.resize(end);
  return bytes;
}

// GPT-2's letter for each byte: the visible ones of Latin-1 stand for themselves.
const std::array<std::string, 256>& letters_of_bytes() {
  static const auto letters = [] {
    std::array<std::string, 256> made;
    int32_t next = 256;
    for (int32_t byte = 0; byte < 256; ++byte) {
      const bool is_visible =
          (byte > 32 && byte < 127) || (byte > 160 && byte < 256 && byte != 173);
      made[static_cast<size_t>(byte)] = utf8(is_visible ? byte : next++);
    }
    return made;
  }();
  return letters;
}

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

int64_t Bpe::count(std::string_view text) const {
  int64_t count = 0;
  size_t begin = 0;
  for (size_t at = 0; at < text.size() && !added_.empty();) {
    const auto found = std::ranges::find_if(
        added_, [&](const auto& token) { return text.substr(at).starts_with(token); });
    if (found == added_.end() || found->empty()) {
      ++at;
      continue;
    }
    if (at > begin) count += count_text(std::string(text.substr(begin, at - begin)), begin == 0);
    ++count;
    at += found->size();
    begin = at;
  }
  if (begin < text.size()) count += count_text(std::string(text.substr(begin)), begin == 0);
  return count;
}

int64_t Bpe::count_text(std::string text, bool first) const {
  for (const auto& [from, to] : replacements_) {
    if (from.empty()) {
      text.insert(0, to);
      continue;
    }
    std::string replaced;
    size_t begin = 0;
    for (auto at = text.find(from); at != text.npos; at = text.find(from, begin)) {
      replaced.append(text, begin, at - begin).append(to);
      begin = at + from.size();
    }
    text = replaced.append(text, begin);
  }
  std::vector<Piece> pieces = {{std::move(text), first}};
  for (const auto& one : cuts_) {
    std::vector<Piece> cut_pieces;
    for (const auto& piece : pieces) cut(one, piece, cut_pieces);
    pieces = std::move(cut_pieces);
  }
  int64_t count = 0;
  for (const auto& piece : pieces) count += count_piece(piece.text);
  return count;
}

void Bpe::cut(const Cut& cut, const Piece& piece, std::vector<Piece>& pieces) {
  if (cut.kind == Cut::Kind::kPattern) return cut_by_pattern(cut, piece, pieces);
  auto text = piece.text;
  if (cut.kind == Cut::Kind::kPrefixSpace) {
    if (!text.starts_with(' ')) text.insert(0, 1, ' ');
    return pieces.push_back({std::move(text), piece.first});
  }
  for (auto at = text.find(' '); at != text.npos; at = text.find(' ', at + cut.mark.size()))
    text.replace(at, 1, cut.mark);
  const bool prepends = cut.prepends || (cut.prepends_first && piece.first);
  if (prepends && !text.starts_with(cut.mark)) text.insert(0, cut.mark);
  if (!cut.splits) return pieces.push_back({std::move(text), piece.first});
  for (size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(cut.mark, begin + 1), text.size());
    pieces.push_back({text.substr(begin, end - begin), piece.first && begin == 0});
    begin = end;
  }
}

void Bpe::cut_by_pattern(const Cut& cut, const Piece& piece, std::vector<Piece>& pieces) {
  UErrorCode status = U_ZERO_ERROR;
  UText input = UTEXT_INITIALIZER;
  utext_openUTF8(&input, piece.text.data(), std::ssize(piece.text), &status);
  const std::unique_ptr<icu::RegexMatcher> matcher(cut.pattern->matcher(status));
  size_t done = 0, joined = 0;  // `joined`: where what waits to be joined begins
  const auto add = [&](size_t begin, size_t end) {
    if (end > begin)
      pieces.push_back({piece.text.substr(begin, end - begin), piece.first && begin == 0});
  };
  if (U_SUCCESS(status)) {
    matcher->reset(&input);
    while (matcher->find(status) && U_SUCCESS(status)) {
      const auto begin = static_cast<size_t>(matcher->start64(status));
      const auto end = static_cast<size_t>(matcher->end64(status));
      if (end == begin) continue;
      if (cut.joins == Cut::Joins::kBefore) {
        add(done, end);
      } else if (cut.joins == Cut::Joins::kBehind) {
        add(joined, begin);
        joined = begin;
      } else {
        if (cut.keeps_rest) add(done, begin);
        if (cut.keeps_found) add(begin, end);
      }
      done = end;
    }
  }
  utext_close(&input);
  if (cut.joins == Cut::Joins::kBehind) {
    add(joined, piece.text.size());
  } else if (cut.keeps_rest) {
    add(done, piece.text.size());
  }
}

int64_t Bpe::count_piece(std::string_view piece) const {
  if (piece.empty()) return 0;
  std::string letters;
  if (by_bytes_) {
    for (const auto byte : piece) letters += letters_of_bytes()[static_cast<uint8_t>(byte)];
    piece = letters;
  }
  if (ignores_merges_ && vocabulary_.contains(std::string(piece))) return 1;
  return count_merged(symbols(piece));
}

// Ids of the characters; -1: unknown.
std::vector<int32_t> Bpe::symbols(std::string_view piece) const {
  std::vector<int32_t> ids;
  const auto* bytes = reinterpret_cast<const uint8_t*>(piece.data());
  for (size_t begin = 0, end = 0; begin < piece.size(); begin = end) {
    UChar32 character = 0;
    U8_NEXT(bytes, end, piece.size(), character);
    const auto letter = piece.substr(begin, end - begin);
    if (const auto found = vocabulary_.find(std::string(letter)); found != vocabulary_.end()) {
      ids.push_back(found->second);
      continue;
    }
    std::vector<int32_t> fallback;
    for (const auto byte : letter) {
      const auto found = vocabulary_.find(fmt::format("<0x{:02X}>", static_cast<uint8_t>(byte)));
      if (byte_fallback_ && found != vocabulary_.end()) fallback.push_back(found->second);
    }
    if (fallback.size() == letter.size()) {
      ids.insert(ids.end(), fallback.begin(), fallback.end());
    } else if (!fuses_unknown_ || ids.empty() || ids.back() != -1) {
      ids.push_back(-1);
    }
  }
  return ids;
}

// The pair of the least rank first, of several the first.
int64_t Bpe::count_merged(std::vector<int32_t> ids) const {
  const auto size = static_cast<int32_t>(ids.size());
  std::vector<int32_t> before(ids.size()), behind(ids.size());
  for (int32_t n = 0; n < size; ++n) {
    before[static_cast<size_t>(n)] = n - 1;
    behind[static_cast<size_t>(n)] = n + 1;
  }
  using Candidate = std::tuple<int32_t, int32_t, uint64_t>;  // rank, place, pair
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
  const auto at = [](int32_t place) { return static_cast<size_t>(place); };
  const auto offer = [&](int32_t left) {
    if (left < 0 || behind[at(left)] >= size) return;
    const auto pair = pair_of(ids[at(left)], ids[at(behind[at(left)])]);
    if (const auto found = merges_.find(pair); found != merges_.end())
      candidates.emplace(found->second.rank, left, pair);
  };
  for (int32_t n = 0; n + 1 < size; ++n) offer(n);
  constexpr int32_t kGone = -2;
  int64_t count = size;
  while (!candidates.empty()) {
    const auto [rank, left, pair] = candidates.top();
    candidates.pop();
    const auto right = behind[at(left)];
    if (ids[at(left)] == kGone || right >= size || pair_of(ids[at(left)], ids[at(right)]) != pair)
      continue;
    ids[at(left)] = merges_.at(pair).result;
    ids[at(right)] = kGone;
    behind[at(left)] = behind[at(right)];
    if (behind[at(right)] < size) before[at(behind[at(right)])] = left;
    --count;
    offer(left);
    offer(before[at(left)]);
  }
  return count;
}

}  // namespace reka::data
