#include "data/corpus/media_matches.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <c10/util/Exception.h>

#include "reka/base/random.h"

namespace reka::data {
namespace {

constexpr size_t kPiecesOfWord = 4;  // of 16 bits
constexpr size_t kPiecesOfHash = 16;
constexpr unsigned kPositionBits = 20;

bool is_first(MediaMatches::Role role) {
  return (static_cast<unsigned>(role) & static_cast<unsigned>(MediaMatches::Role::kFirst)) != 0;
}

bool is_second(MediaMatches::Role role) {
  return (static_cast<unsigned>(role) & static_cast<unsigned>(MediaMatches::Role::kSecond)) != 0;
}

// Where a piece stands, and in what; a bijection, so that nothing else comes together.
uint64_t key_of(Modality modality, uint64_t piece, uint64_t bits) {
  return mix64(static_cast<uint64_t>(modality) << 40 | piece << 32 | bits);
}

template <typename AddKey>
void for_each_piece(Modality modality, const PictureHash& hash, const AddKey& add) {
  for (size_t piece = 0; piece < kPiecesOfHash; ++piece) {
    const auto bits = hash.words[piece / kPiecesOfWord] >> (16 * (piece % kPiecesOfWord)) & 0xFFFF;
    add(key_of(modality, piece, bits));
  }
}

}  // namespace

/// What a number in the groups says.
struct MediaMatches::Entry {
  uint64_t medium = 0;
  uint64_t position = 0;  // in the fingerprint: symmetry, second or item
  bool first = false;

  uint64_t number() const {
    return medium << (kPositionBits + 1) | position << 1 | static_cast<uint64_t>(first);
  }
  static Entry of(uint64_t number) {
    return {number >> (kPositionBits + 1), number >> 1 & ((1U << kPositionBits) - 1),
            (number & 1) != 0};
  }
};

void MediaMatches::add(const Fingerprint& made, Role role) {
  const auto bytes = made.modality == Modality::kAudio ? std::as_bytes(std::span(made.items))
                                                       : std::as_bytes(std::span(made.pictures));
  const auto count = std::max(made.items.size(), made.pictures.size());
  TORCH_CHECK(count < 1U << kPositionBits, "media matches: too long a fingerprint");
  places_.push_back({.offset = bytes.empty() ? 0 : file_.append(bytes),
                     .count = static_cast<uint32_t>(count),
                     .modality = made.modality,
                     .role = role});
}

uint64_t MediaMatches::count_entries() const {
  uint64_t entries = 0;
  for (const auto& place : places_) {
    const uint64_t pieces = place.modality == Modality::kAudio ? 1 : kPiecesOfHash;
    const uint64_t firsts = place.modality == Modality::kImage && place.count > 0 ? 1 : place.count;
    if (is_first(place.role)) entries += firsts * pieces;
    if (is_second(place.role)) entries += place.count * pieces;
  }
  return entries;
}

void MediaMatches::add_entries(uint64_t medium, Groups& groups) const {
  const auto& place = places_[medium];
  const auto add = [&](uint64_t key, uint64_t position) {
    // A picture that is a first stands as it is; the seconds are turned.
    const bool is_turned = place.modality == Modality::kImage && position > 0;
    if (is_first(place.role) && !is_turned) groups.add(key, Entry{medium, position, true}.number());
    if (is_second(place.role)) groups.add(key, Entry{medium, position, false}.number());
  };
  if (place.modality == Modality::kAudio) {
    std::vector<uint32_t> items;
    read(medium, items);
    std::unordered_set<uint32_t> seen;  // an item that comes again says nothing new
    for (size_t n = 0; n < items.size(); ++n) {
      if (seen.insert(items[n]).second) add(key_of(place.modality, 0, items[n]), n);
    }
    return;
  }
  std::vector<PictureHash> hashes;
  read(medium, hashes);
  for (size_t n = 0; n < hashes.size(); ++n) {
    if (hashes[n] == PictureHash{}) continue;
    for_each_piece(place.modality, hashes[n], [&](uint64_t key) { add(key, n); });
  }
}

void MediaMatches::visit(const Known& known, const Found& found) {
  Groups groups(count_entries(), memory_, folder_);
  for (uint64_t medium = 0; medium < size(); ++medium) {
    if (places_[medium].count > 0) add_entries(medium, groups);
  }
  std::vector<Entry> firsts, seconds;
  groups.visit([&](std::span<const Groups::Record> group) {
    firsts.clear();
    seconds.clear();
    for (const auto& record : group) {
      const auto entry = Entry::of(record.number);
      (entry.first ? firsts : seconds).push_back(entry);
    }
    if (firsts.empty() || seconds.empty() || firsts[0].medium >= seconds.back().medium) return;
    switch (places_[firsts[0].medium].modality) {
      case Modality::kImage:
        return compare_pictures(firsts, seconds, known, found);
      case Modality::kVideo:
        return compare_sequences<PictureHash>(firsts, seconds, known, found);
      default:
        return compare_sequences<uint32_t>(firsts, seconds, known, found);
    }
  });
}

void MediaMatches::compare_pictures(std::span<const Entry> firsts, std::span<const Entry> seconds,
                                    const Known& known, const Found& found) {
  const auto hash_of = [&](const Entry& entry) {
    PictureHash hash;
    file_.read(places_[entry.medium].offset + entry.position * sizeof(hash),
               std::as_writable_bytes(std::span(&hash, 1)));
    return hash;
  };
  std::vector<PictureHash> hashes;
  hashes.reserve(firsts.size());
  for (const auto& first : firsts) hashes.push_back(hash_of(first));
  for (const auto& second : seconds) {
    const auto hash = hash_of(second);
    for (size_t n = 0; n < firsts.size() && firsts[n].medium < second.medium; ++n) {
      ++compared_;
      if (hamming_distance(hashes[n], hash) > config_.distance) continue;
      if (!known(firsts[n].medium, second.medium)) found(firsts[n].medium, second.medium);
    }
  }
}

template <typename Item>
void MediaMatches::compare_sequences(std::span<const Entry> firsts, std::span<const Entry> seconds,
                                     const Known& known, const Found& found) {
  std::vector<Item> first_items, second_items;
  for (const auto& second : seconds) {
    size_t comparisons = 0;
    for (const auto& first : firsts) {
      if (first.medium >= second.medium || comparisons == kMostOfPiece) break;
      if (known(first.medium, second.medium)) continue;
      if (comparisons++ == 0) read(second.medium, second_items);
      read(first.medium, first_items);
      const auto offset =
          static_cast<int64_t>(first.position) - static_cast<int64_t>(second.position);
      if (are_alike(std::span<const Item>(first_items), std::span<const Item>(second_items), offset,
                    config_)) {
        found(first.medium, second.medium);
      }
    }
    compared_ += static_cast<int64_t>(comparisons);
  }
}

template <typename Item>
void MediaMatches::read(uint64_t medium, std::vector<Item>& items) const {
  items.resize(places_[medium].count);
  file_.read(places_[medium].offset, std::as_writable_bytes(std::span(items)));
}

}  // namespace reka::data
