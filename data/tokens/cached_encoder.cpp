#include "data/tokens/cached_encoder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>
#include <utility>

#include <sentencepiece_processor.h>
#include <unicode/utf8.h>

#include "data/tokens/protobuf.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

constexpr UChar32 kSpaceMark = 0x2581;
constexpr size_t kNeighbourPlaces = size_t{1} << 20;
constexpr size_t kCachePlaces = size_t{1} << 15;
constexpr size_t kMostSymbols = 32;
constexpr uint64_t kNoPair = ~uint64_t{0};

/// A part and its ids: one cache line.
struct alignas(64) CacheEntry {
  static constexpr size_t kMostBytes = 22;
  static constexpr size_t kMostIds = 8;

  uint64_t hash = 0;  // of model and part
  std::array<int32_t, kMostIds> ids = {};
  std::array<char, kMostBytes> part = {};
  uint8_t bytes = 0;  // 0: nothing is here
  uint8_t num_ids = 0;

  bool holds(uint64_t wanted_hash, std::string_view wanted) const {
    return hash == wanted_hash && bytes == wanted.size() &&
           std::memcmp(part.data(), wanted.data(), wanted.size()) == 0;
  }
};
static_assert(sizeof(CacheEntry) == 64);

CacheEntry& cache_entry(uint64_t hash) {
  thread_local std::vector<CacheEntry> entries(kCachePlaces);
  return entries[hash % kCachePlaces];
}

uint64_t pair_of(int32_t left, int32_t right) {
  return uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right);
}

size_t neighbour_place(UChar32 left, UChar32 right) {
  return mix64(pair_of(left, right)) % kNeighbourPlaces;
}

// The next character at `at`, which moves behind it; -1: no UTF-8.
UChar32 next_character(std::string_view text, int64_t& at) {
  UChar32 character = 0;
  U8_NEXT(text.data(), at, std::ssize(text), character);
  return character;
}

/// Whether the model is BPE and changes nothing of a text but to mark its spaces.
/// ModelProto: 2 TrainerSpec, of which 3 is the type (2: BPE), 24 spaces as suffixes; 3
/// NormalizerSpec: 2 the rules, 3 a space in front, 4 fewer spaces, 5 marked spaces; the last three
/// by default.
bool takes_text_as_it_is(std::string_view model) {
  uint64_t type = 1, suffix = 0, in_front = 1, fewer = 1, marked = 1;
  bool has_rules = false;
  for_each_field(model, [&](uint64_t key, size_t begin, size_t length) {
    const auto part = model.substr(begin, length);
    const auto number = [&](size_t at) { return read_varint(part, at); };
    const bool trainer = key == field_key(2, WireType::kBytes);
    const bool normalizer = key == field_key(3, WireType::kBytes);
    if (!trainer && !normalizer) return;
    for_each_field(part, [&](uint64_t inner, size_t at, size_t bytes) {
      if (trainer && inner == field_key(3, WireType::kVarint)) type = number(at);
      if (trainer && inner == field_key(24, WireType::kVarint)) suffix = number(at);
      if (normalizer && inner == field_key(2, WireType::kBytes)) has_rules = bytes > 0;
      if (normalizer && inner == field_key(3, WireType::kVarint)) in_front = number(at);
      if (normalizer && inner == field_key(4, WireType::kVarint)) fewer = number(at);
      if (normalizer && inner == field_key(5, WireType::kVarint)) marked = number(at);
    });
  });
  return type == 2 && suffix == 0 && !has_rules && in_front == 0 && fewer == 0 && marked == 1;
}

}  // namespace

/// A symbol of a part, with what it becomes together with the next one.
struct CachedEncoder::Symbol {
  int32_t id = 0;  // -1: a character without a piece
  std::string_view text;
  const Merge* with_next = nullptr;
};

CachedEncoder::CachedEncoder(const sentencepiece::SentencePieceProcessor& processor,
                             uint64_t fingerprint)
    : processor_(processor),
      fingerprint_(fingerprint),
      neighbours_(kNeighbourPlaces),
      characters_(0x10000, -1) {
  bytes_.fill(-1);
}

std::unique_ptr<const CachedEncoder> CachedEncoder::make(
    const sentencepiece::SentencePieceProcessor& processor, std::string_view model,
    uint64_t fingerprint) {
  if (!takes_text_as_it_is(model)) return nullptr;
  std::unique_ptr<CachedEncoder> made(new CachedEncoder(processor, fingerprint));
  return made->learn_pieces() ? std::move(made) : nullptr;
}

/// -> whether merges say all of how this model encodes.
bool CachedEncoder::learn_pieces() {
  std::unordered_map<std::string, int32_t> ids;
  for (int id = 0; id < processor_.GetPieceSize(); ++id) {
    if (processor_.IsUnused(id)) return false;
    if (processor_.IsByte(id)) {
      const auto hex = processor_.IdToPiece(id).substr(3, 2);  // of <0x0A>
      bytes_[std::stoul(hex, nullptr, 16)] = id;
    } else if (!processor_.IsControl(id) && !processor_.IsUnknown(id)) {
      ids.emplace(processor_.IdToPiece(id), id);
    }
  }
  if (std::ranges::find(bytes_, -1) != bytes_.end()) return false;
  size_t pairs = 0;
  for (const auto& [piece, id] : ids) pairs += piece.size();
  merges_.resize(std::bit_ceil(2 * pairs + 2), {.pair = kNoPair});
  for (const auto& [piece, id] : ids) {
    UChar32 before = -1;
    for (int64_t at = 0; at < std::ssize(piece);) {
      const auto begin = at;
      const auto character = next_character(piece, at);
      const auto text = piece.substr(static_cast<size_t>(begin), static_cast<size_t>(at - begin));
      const auto found = ids.find(text);
      if (character < 0 || found == ids.end()) return false;
      auto& place = character < std::ssize(characters_)
                        ? characters_[static_cast<size_t>(character)]
                        : other_characters_[character];
      place = found->second;
      if (before >= 0) neighbours_[neighbour_place(before, character)] = true;
      before = character;
    }
    learn_merges(piece, {.result = id, .score = processor_.GetScore(id)}, ids);
  }
  return true;
}

/// Of each two pieces that make up `piece`.
void CachedEncoder::learn_merges(const std::string& piece, const Merge& merge,
                                 const std::unordered_map<std::string, int32_t>& ids) {
  for (size_t cut = 1; cut < piece.size(); ++cut) {
    const auto left = ids.find(piece.substr(0, cut));
    const auto right = ids.find(piece.substr(cut));
    if (left == ids.end() || right == ids.end()) continue;
    const auto pair = pair_of(left->second, right->second);
    merges_[place_of(pair)] = {pair, merge.result, merge.score};
  }
}

/// Where the pair is in merges_, or would be.
size_t CachedEncoder::place_of(uint64_t pair) const {
  const auto mask = merges_.size() - 1;
  auto place = mix64(pair) & mask;
  while (merges_[place].pair != pair && merges_[place].pair != kNoPair) place = (place + 1) & mask;
  return place;
}

const CachedEncoder::Merge* CachedEncoder::find_merge(int32_t left, int32_t right) const {
  const auto pair = pair_of(left, right);
  const auto& found = merges_[place_of(pair)];
  return found.pair == pair ? &found : nullptr;
}

int32_t CachedEncoder::id_of(int32_t character) const {
  if (character < std::ssize(characters_)) return characters_[static_cast<size_t>(character)];
  const auto found = other_characters_.find(character);
  return found == other_characters_.end() ? -1 : found->second;
}

void CachedEncoder::encode(std::string_view text, std::vector<int32_t>& ids) const {
  int64_t part = 0;
  UChar32 before = -1;
  for (int64_t at = 0; at < std::ssize(text);) {
    const auto begin = at;
    auto character = next_character(text, at);
    if (character == ' ') character = kSpaceMark;
    // Beside what is not UTF-8, and becomes something else, nothing is cut.
    const bool cut =
        before >= 0 && character >= 0 && !neighbours_[neighbour_place(before, character)];
    if (cut) {
      encode_part(text.substr(static_cast<size_t>(part), static_cast<size_t>(begin - part)), ids);
      part = begin;
    }
    before = character;
  }
  if (part < std::ssize(text)) encode_part(text.substr(static_cast<size_t>(part)), ids);
}

void CachedEncoder::encode_part(std::string_view part, std::vector<int32_t>& ids) const {
  const bool fits = part.size() <= CacheEntry::kMostBytes;
  const auto hash = fits ? xxh3_64(part, fingerprint_) : 0;
  auto* entry = fits ? &cache_entry(hash) : nullptr;
  if (entry != nullptr && entry->holds(hash, part)) {
    ids.insert(ids.end(), entry->ids.data(), entry->ids.data() + entry->num_ids);
    return;
  }
  const auto begin = ids.size();
  if (!merge_part(part, ids)) {
    std::vector<int> found;
    const auto status = processor_.Encode(part, &found);
    if (!status.ok()) throw DataError("tokenizer: {}: text must be encodable", status.ToString());
    ids.insert(ids.end(), found.begin(), found.end());
  }
  const std::span found(ids.data() + begin, ids.size() - begin);
  if (entry == nullptr || found.size() > CacheEntry::kMostIds) return;
  entry->hash = hash;
  entry->bytes = static_cast<uint8_t>(part.size());
  entry->num_ids = static_cast<uint8_t>(found.size());
  std::ranges::copy(part, entry->part.begin());
  std::ranges::copy(found, entry->ids.begin());
}

/// The merge of the highest score first, of several the first (Sennrich et al. 2016,
/// arXiv:1508.07909). -> whether the part is short and UTF-8; otherwise nothing is done.
bool CachedEncoder::merge_part(std::string_view part, std::vector<int32_t>& ids) const {
  std::array<Symbol, kMostSymbols> symbols;
  size_t size = 0;
  for (int64_t at = 0; at < std::ssize(part); ++size) {
    const auto begin = at;
    const auto character = next_character(part, at);
    if (character < 0 || size == kMostSymbols) return false;
    const auto text = part.substr(static_cast<size_t>(begin), static_cast<size_t>(at - begin));
    symbols[size] = {id_of(character == ' ' ? kSpaceMark : character), text};
  }
  const auto look = [&](size_t left) {
    const bool can = left + 1 < size && symbols[left].id >= 0 && symbols[left + 1].id >= 0;
    symbols[left].with_next = can ? find_merge(symbols[left].id, symbols[left + 1].id) : nullptr;
  };
  for (size_t left = 0; left < size; ++left) look(left);
  while (true) {
    const Merge* best = nullptr;
    size_t left = 0;
    for (size_t n = 0; n < size; ++n) {
      const auto* merge = symbols[n].with_next;
      if (merge == nullptr || (best != nullptr && merge->score <= best->score)) continue;
      best = merge;
      left = n;
    }
    if (best == nullptr) break;
    symbols[left].id = best->result;
    std::move(symbols.begin() + static_cast<std::ptrdiff_t>(left) + 2,
              symbols.begin() + static_cast<std::ptrdiff_t>(size),
              symbols.begin() + static_cast<std::ptrdiff_t>(left) + 1);
    --size;
    look(left);
    if (left > 0) look(left - 1);
  }
  for (const auto& symbol : std::span(symbols).first(size)) {
    if (symbol.id >= 0) {
      ids.push_back(symbol.id);
    } else {
      for (const auto byte : symbol.text) ids.push_back(bytes_[static_cast<uint8_t>(byte)]);
    }
  }
  return true;
}

}  // namespace reka::data
