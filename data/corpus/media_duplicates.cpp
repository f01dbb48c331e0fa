#include "data/corpus/media_duplicates.h"

#include <algorithm>
#include <limits>
#include <span>

#include <fmt/format.h>

namespace reka::data {
namespace {

constexpr auto kNoMedium = std::numeric_limits<uint64_t>::max();

}  // namespace

void MediaDuplicates::run(Selection& selection) {
  MediaMatches matches(config_.likeness, space_.memory_bytes, space_.folder);
  read(selection, matches);
  DisjointSets<uint64_t> sets(owners_.size());
  join_exact(matches, sets);
  matches.visit([&](uint64_t a, uint64_t b) { return sets.find(a) == sets.find(b); },
                [&](uint64_t a, uint64_t b) { sets.join(a, b); });
  compared_ = matches.compared();
  sets.settle();
  const auto& marks = selection.corpus().marks;
  Ranks ranks(marks);
  const auto later = find_later(ranks, sets);
  for (size_t n = 0; n < marks.size(); ++n) {
    const auto rank = ranks.of(n);
    if (config_.keep == "first") selection.add_alike(n, later.later_of[rank]);
    if (!later.is_later[rank]) continue;
    ++documents_;
    if (config_.keep == "first") selection.drop(n, {.kind = Fate::Kind::kMediaDuplicate});
  }
  owners_ = {};
  contents_ = {};
}

void MediaDuplicates::read(const Selection& selection, MediaMatches& matches) {
  Ranks ranks(selection.corpus().marks);
  selection.visit<Found>(
      "recognising media",
      [&](size_t, Document&& document) {
        const auto stays = document.whole;
        return Found{recognised(std::move(document), config_.likeness), stays};
      },
      [&](size_t number, Found&& found) {
        for (const auto& medium : found.media) {
          const auto modality = medium.fingerprint.modality;
          auto& counts = counts_[static_cast<size_t>(modality)];
          ++counts.media;
          counts.plain += medium.fingerprint.empty() ? 1 : 0;
          matches.add(medium.fingerprint);
          owners_.push_back({ranks.of(number), modality, found.stays});
          contents_.push_back(medium.content);
        }
      });
}

// Of equal media the first alone is compared with others.
void MediaDuplicates::join_exact(MediaMatches& matches, DisjointSets<uint64_t>& sets) {
  HashGroups<uint64_t> groups(contents_.size(), space_.memory_bytes, space_.folder);
  for (uint64_t medium = 0; medium < contents_.size(); ++medium) {
    groups.add(contents_[medium], medium);
  }
  groups.visit([&](std::span<const HashedNumber<uint64_t>> group) {
    for (const auto& copy : group.subspan(1)) {
      sets.join(group[0].number, copy.number);
      matches.leave_out(copy.number);
      ++counts_of(copy.number).exact;
    }
  });
}

MediaDuplicates::Later MediaDuplicates::find_later(const Ranks& ranks,
                                                   const DisjointSets<uint64_t>& sets) {
  std::vector<uint64_t> heads(owners_.size(), kNoMedium);  // by set: its first medium by rank
  Later later{std::vector<bool>(graph_.num_documents()),
              std::vector<uint32_t>(graph_.num_documents())};
  for (const auto side : {Split::kTrain, Split::kDev, Split::kTest}) {
    for (uint64_t begin = 0, end = 0; begin < owners_.size(); begin = end) {
      const auto rank = owners_[begin].rank;
      while (end < owners_.size() && owners_[end].rank == rank) ++end;
      if (ranks.split_of(rank) != side) continue;
      bool all = true;
      for (auto medium = begin; medium < end; ++medium) {
        auto& head = heads[sets.first_of(medium)];
        if (head == kNoMedium) head = medium;
        if (owners_[head].rank == rank) {
          all = false;
        } else {
          ++counts_of(medium).duplicates;
          tell_graph(head, medium);
        }
      }
      if (!all || owners_[begin].stays) continue;
      later.is_later[rank] = true;
      ++later.later_of[owners_[heads[sets.first_of(begin)]].rank];
    }
  }
  return later;
}

void MediaDuplicates::tell_graph(uint64_t first, uint64_t second) {
  graph_.add({.first = owners_[first].rank,
              .second = owners_[second].rank,
              .modality = owners_[second].modality,
              .is_exact = contents_[first] == contents_[second],
              .first_medium = place_of(first),
              .second_medium = place_of(second)});
}

MediaDuplicates::Counts& MediaDuplicates::counts_of(uint64_t medium) {
  return counts_[static_cast<size_t>(owners_[medium].modality)];
}

// In its document.
size_t MediaDuplicates::place_of(uint64_t medium) const {
  size_t place = 0;
  while (place < medium && owners_[medium - place - 1].rank == owners_[medium].rank) ++place;
  return place;
}

Json MediaDuplicates::json() const {
  Json modalities = Json::object();
  for (size_t n = 0; n < counts_.size(); ++n) {
    const auto& counts = counts_[n];
    if (counts.media == 0) continue;
    modalities[std::string(kModalityNames[n])] = {{"media", counts.media},
                                                  {"exact_copies", counts.exact},
                                                  {"too_plain_or_short", counts.plain},
                                                  {"like_an_earlier_one", counts.duplicates}};
  }
  return {{"keep", config_.keep.value},
          {"modalities", std::move(modalities)},
          {"pairs_compared", compared_},
          {"documents", documents_}};
}

void MediaDuplicates::show(Page& page) const {
  page.heading("Duplicates of media");
  const auto& likeness = config_.likeness;
  page.note(fmt::format(
      "PDQ hashes within {} bits in any of 8 symmetries, from a quality of {}; clips with {:g} of "
      "their frames; sounds with at most {:g} of the bits of their Chromaprints different. PDQ "
      "compares light and dark: pictures that differ in colour alone are one.",
      likeness.distance, likeness.min_quality, likeness.frame_share, likeness.bit_error_rate));
  PageTable table;
  table.columns = {"modality", "media", "exact copies", "too plain or short to be recognised",
                   "like one of a document before"};
  for (size_t n = 0; n < counts_.size(); ++n) {
    const auto& counts = counts_[n];
    if (counts.media == 0) continue;
    table.rows.push_back({std::string(kModalityNames[n]), std::to_string(counts.media),
                          std::to_string(counts.exact), std::to_string(counts.plain),
                          std::to_string(counts.duplicates)});
  }
  page.table(table);
  page.paragraph(
      fmt::format("All media of {} documents are like those of documents before them; {}.",
                  documents_, config_.keep == "first" ? "they were dropped" : "they were kept"));
}

}  // namespace reka::data
