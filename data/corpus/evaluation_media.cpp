#include "data/corpus/evaluation_media.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "data/corpus/files.h"
#include "data/corpus/in_order.h"
#include "data/corpus/media_pieces.h"
#include "data/media/load.h"
#include "data/media/names.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"

namespace reka::data {
namespace {

constexpr auto kNoItem = std::numeric_limits<size_t>::max();
constexpr auto kNoLimit = std::numeric_limits<size_t>::max();

}  // namespace

EvaluationMedia::EvaluationMedia(const DecontaminationConfig& config, std::filesystem::path root,
                                 size_t threads, const std::string& key)
    : config_(config), root_(std::move(root)) {
  find_files_of_sets(key);
  read_items(threads);
  std::sort(entries_.begin(), entries_.end());
}

void EvaluationMedia::find_files_of_sets(const std::string& key) {
  for (const auto& [name, set] : config_.media_sets) {
    const auto before = items_.size();
    const auto place = fmt::format("{}.media_sets.{}", key, name);
    for (const auto& file : find_files(root_, set.path, place)) {
      const auto modality = modality_of_extension(extension_of(file.path.string()));
      if (modality) items_.push_back({file.path, sets_.size(), Fingerprint{.modality = *modality}});
    }
    if (items_.size() == before) {
      throw DataError("{}: no picture, sound or clip in {}: must have some", place, set.path);
    }
    sets_.push_back({.name = name, .items = static_cast<int64_t>(items_.size() - before)});
  }
}

void EvaluationMedia::read_items(size_t threads) {
  InOrder<RecognisedMedia> files(items_.size(), threads, [&](size_t n) {
    const auto file = read_media_file(items_[n].fingerprint.modality, items_[n].path);
    RecognisedMedia found{xxh3_64(file.bytes), fingerprint_of(file)};
    forget_plain(found.fingerprint, config_.media);
    return found;
  });
  files.run([&](size_t n, RecognisedMedia&& found) {
    contents_.emplace(found.content, n);
    auto& made = items_[n].fingerprint = std::move(found.fingerprint);
    if (made.empty()) ++sets_[items_[n].set].plain;
    // Its pictures stand as they are; those that are looked for are turned.
    const auto pictures = made.modality == Modality::kImage && !made.empty()
                              ? std::span(made.pictures).first(1)
                              : std::span(made.pictures);
    const auto add = [&](uint64_t key, size_t position) {
      entries_.push_back({key, static_cast<uint32_t>(n), static_cast<uint32_t>(position)});
    };
    for_each_piece(made.modality, pictures, add);
    for_each_piece(made.items, add);
  });
}

std::string EvaluationMedia::name_of(size_t item) const {
  return items_[item].path.lexically_relative(root_).string();
}

// Holds at most so many items with the key against it, those before `best`.
template <typename IsAlike>
void EvaluationMedia::search(uint64_t key, size_t most, size_t& best,
                             const IsAlike& is_alike) const {
  auto entry = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
  for (; most > 0 && entry != entries_.end() && entry->key == key; ++entry, --most) {
    if (entry->item >= best) return;
    if (is_alike(items_[entry->item].fingerprint, entry->position)) best = entry->item;
  }
}

std::optional<size_t> EvaluationMedia::find(const RecognisedMedia& medium) const {
  const auto& made = medium.fingerprint;
  const auto exact = contents_.find(medium.content);
  size_t best = exact == contents_.end() ? kNoItem : exact->second;
  const auto offset_of = [](size_t of_item, size_t position) {
    return static_cast<int64_t>(of_item) - static_cast<int64_t>(position);
  };
  for_each_piece(made.modality, made.pictures, [&](uint64_t key, size_t position) {
    if (made.modality == Modality::kImage) {
      search(key, kNoLimit, best, [&](const Fingerprint& item, size_t) {
        return hamming_distance(item.pictures[0], made.pictures[position]) <=
               config_.media.distance;
      });
      return;
    }
    search(key, kMostOfPiece, best, [&](const Fingerprint& item, size_t of_item) {
      return are_alike(std::span<const PictureHash>(item.pictures), made.pictures,
                       offset_of(of_item, position), config_.media);
    });
  });
  for_each_piece(made.items, [&](uint64_t key, size_t position) {
    search(key, kMostOfPiece, best, [&](const Fingerprint& item, size_t of_item) {
      return are_alike(std::span<const uint32_t>(item.items), made.items,
                       offset_of(of_item, position), config_.media);
    });
  });
  if (best == kNoItem) return std::nullopt;
  return best;
}

}  // namespace reka::data
