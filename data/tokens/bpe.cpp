#include "data/tokens/bpe.h"

#include <algorithm>
#include <array>
#include <queue>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

namespace reka::data {
namespace {

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

}  // namespace

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
