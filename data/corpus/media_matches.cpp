#include "data/corpus/media_matches.h"

#include <algorithm>
#include <utility>

#include <c10/util/Exception.h>

#include "data/corpus/media_pieces.h"

namespace reka::data {
namespace {

constexpr unsigned kPositionBits = 20;

}  // namespace

/// What a number in the groups says.
struct MediaMatches::Entry {
  uint64_t medium = 0;
  uint64_t position = 0;  // in the fingerprint: symmetry, second or item

  uint64_t number() const { return medium << kPositionBits | position; }
  static Entry of(uint64_t number) {
    return {number >> kPositionBits, number & ((1U << kPositionBits) - 1)};
  }
};

void MediaMatches::add(const Fingerprint& made) {
  const auto bytes = made.modality == Modality::kAudio ? std::as_bytes(std::span(made.items))
                                                       : std::as_bytes(std::span(made.pictures));
  const auto count = std::max(made.items.size(), made.pictures.size());
  TORCH_CHECK(count < 1U << kPositionBits, "media matches: too long a fingerprint");
  places_.push_back({.offset = bytes.empty() ? 0 : file_.append(bytes),
                     .count = static_cast<uint32_t>(count),
                     .modality = made.modality});
}

uint64_t MediaMatches::count_entries() const {
  uint64_t entries = 0;
  for (const auto& place : places_)
    entries += place.count * (place.modality == Modality::kAudio ? 1 : kPiecesOfHash);
  return entries;
}

void MediaMatches::add_entries(uint64_t medium, Groups& groups) const {
  const auto& place = places_[medium];
  const auto add = [&](uint64_t key, uint64_t position) {
    groups.add(key, Entry{medium, position}.number());
  };
  if (place.modality == Modality::kAudio) {
    std::vector<uint32_t> items;
    read(medium, items);
    for_each_piece(items, add);
    return;
  }
  std::vector<PictureHash> hashes;
  read(medium, hashes);
  for_each_piece(place.modality, hashes, add);
}

void MediaMatches::visit(const Known& known, const Found& found) {
  Groups groups(count_entries(), memory_, folder_);
  for (uint64_t medium = 0; medium < size(); ++medium) {
    if (places_[medium].count > 0) add_entries(medium, groups);
  }
  std::vector<Entry> entries;
  groups.visit([&](std::span<const Groups::Record> group) {
    entries.clear();
    for (const auto& record : group) entries.push_back(Entry::of(record.number));
    if (entries.front().medium == entries.back().medium) return;
    switch (places_[entries.front().medium].modality) {
      case Modality::kImage:
        return compare_pictures(entries, known, found);
      case Modality::kVideo:
        return compare_sequences<PictureHash>(entries, known, found);
      default:
        return compare_sequences<uint32_t>(entries, known, found);
    }
  });
}

// The first of a pair stands as it is, the second is turned.
void MediaMatches::compare_pictures(std::span<const Entry> entries, const Known& known,
                                    const Found& found) {
  const auto hash_of = [&](const Entry& entry) {
    PictureHash hash;
    file_.read(places_[entry.medium].offset + entry.position * sizeof(hash),
               std::as_writable_bytes(std::span(&hash, 1)));
    return hash;
  };
  std::vector<std::pair<uint64_t, PictureHash>> firsts;
  for (const auto& second : entries) {
    const auto hash = hash_of(second);
    for (const auto& [medium, upright] : firsts) {
      if (medium >= second.medium) break;
      ++compared_;
      if (hamming_distance(upright, hash) > config_.distance) continue;
      if (!known(medium, second.medium)) found(medium, second.medium);
    }
    if (second.position == 0) firsts.emplace_back(second.medium, hash);
  }
}

template <typename Item>
void MediaMatches::compare_sequences(std::span<const Entry> entries, const Known& known,
                                     const Found& found) {
  std::vector<Item> first_items, second_items;
  for (const auto& second : entries) {
    size_t comparisons = 0;
    for (const auto& first : entries) {
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
