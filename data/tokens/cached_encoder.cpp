#include "data/tokens/cached_encoder.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <sentencepiece_processor.h>
#include <unicode/utf8.h>

#include "data/tokens/protobuf.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

constexpr char32_t kSpaceMark = 0x2581;
constexpr size_t kNeighbourPlaces = size_t{1} << 20;
constexpr size_t kCachePlaces = size_t{1} << 15;

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

size_t neighbour_place(char32_t left, char32_t right) {
  return mix64(uint64_t{left} << 32 | right) % kNeighbourPlaces;
}

/// Whether the model is BPE and changes nothing of a text but to mark its spaces.
/// ModelProto: 2 TrainerSpec, of which 3 is the type (2: BPE), 24 spaces as suffixes; 3
/// NormalizerSpec: 2 the rules, 3 a space in front (default), 4 fewer spaces (default).
bool takes_text_as_it_is(std::string_view model) {
  uint64_t type = 1, suffix = 0, in_front = 1, fewer = 1;
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
    });
  });
  return type == 2 && suffix == 0 && !has_rules && in_front == 0 && fewer == 0;
}

}  // namespace

CachedEncoder::CachedEncoder(const sentencepiece::SentencePieceProcessor& processor,
                             uint64_t fingerprint)
    : processor_(processor), fingerprint_(fingerprint), neighbours_(kNeighbourPlaces) {
  for (int id = 0; id < processor.GetPieceSize(); ++id) {
    if (!processor.IsControl(id) && !processor.IsUnknown(id) && !processor.IsByte(id))
      add_neighbours(processor.IdToPiece(id));
  }
}

std::unique_ptr<const CachedEncoder> CachedEncoder::make(
    const sentencepiece::SentencePieceProcessor& processor, std::string_view model,
    uint64_t fingerprint) {
  if (!takes_text_as_it_is(model)) return nullptr;
  return std::unique_ptr<const CachedEncoder>(new CachedEncoder(processor, fingerprint));
}

void CachedEncoder::add_neighbours(std::string_view piece) {
  const auto length = std::ssize(piece);
  UChar32 before = -1;
  for (int64_t at = 0; at < length;) {
    UChar32 character = 0;
    U8_NEXT(piece.data(), at, length, character);
    if (before >= 0 && character >= 0)
      neighbours_[neighbour_place(static_cast<char32_t>(before),
                                  static_cast<char32_t>(character))] = true;
    before = character;
  }
}

void CachedEncoder::encode(std::string_view text, std::vector<int32_t>& ids) const {
  const auto length = std::ssize(text);
  int64_t part = 0;
  UChar32 before = -1;
  for (int64_t at = 0; at < length;) {
    const auto begin = at;
    UChar32 character = 0;
    U8_NEXT(text.data(), at, length, character);
    if (character == ' ') character = static_cast<UChar32>(kSpaceMark);
    // Beside what is not UTF-8, and becomes something else, nothing is cut.
    const bool cut = before >= 0 && character >= 0 &&
                     !neighbours_[neighbour_place(static_cast<char32_t>(before),
                                                  static_cast<char32_t>(character))];
    if (cut) {
      encode_part(text.substr(static_cast<size_t>(part), static_cast<size_t>(begin - part)), ids);
      part = begin;
    }
    before = character;
  }
  if (part < length) encode_part(text.substr(static_cast<size_t>(part)), ids);
}

void CachedEncoder::encode_part(std::string_view part, std::vector<int32_t>& ids) const {
  const bool fits = part.size() <= CacheEntry::kMostBytes;
  const auto hash = fits ? xxh3_64(part, fingerprint_) : 0;
  auto* entry = fits ? &cache_entry(hash) : nullptr;
  if (entry != nullptr && entry->holds(hash, part)) {
    ids.insert(ids.end(), entry->ids.data(), entry->ids.data() + entry->num_ids);
    return;
  }
  std::vector<int> found;
  const auto status = processor_.Encode(part, &found);
  if (!status.ok()) throw DataError("tokenizer: {}: text must be encodable", status.ToString());
  ids.insert(ids.end(), found.begin(), found.end());
  if (entry == nullptr || found.size() > CacheEntry::kMostIds) return;
  entry->hash = hash;
  entry->bytes = static_cast<uint8_t>(part.size());
  entry->num_ids = static_cast<uint8_t>(found.size());
  std::ranges::copy(part, entry->part.begin());
  std::ranges::copy(found, entry->ids.begin());
}

}  // namespace reka::data
