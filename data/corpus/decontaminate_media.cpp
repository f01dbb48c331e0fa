#include "data/corpus/decontaminate_media.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "data/corpus/cluster_report.h"
#include "data/corpus/files.h"
#include "data/corpus/in_order.h"
#include "data/media/fingerprint.h"
#include "data/media/load.h"
#include "data/media/names.h"
#include "data/media/preview.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"

namespace reka::data {
namespace {

constexpr auto kNoItem = std::numeric_limits<uint64_t>::max();
constexpr size_t kShownOfMediaSet = 10;
constexpr size_t kContaminatedCharacters = 200;

}  // namespace

void DecontaminateMedia::run(Selection& selection) {
  find_items();
  MediaMatches matches(config_.media, static_cast<uint64_t>(config_.memory_bytes), folder_);
  read_items(selection, matches);
  read_documents(selection, matches);
  const auto medium_of = [&](uint64_t second) -> Medium& { return media_[second - items_.size()]; };
  matches.visit([&](uint64_t item, uint64_t second) { return medium_of(second).item <= item; },
                [&](uint64_t item, uint64_t second) { medium_of(second).item = item; });
  for (const auto& medium : media_) {
    if (medium.item == kNoItem || !selection.keeps(medium.number)) continue;
    auto& set = sets_[items_[medium.item].set];
    ++set.documents;
    if (set.documents <= static_cast<int64_t>(kShownOfMediaSet)) note_example(selection, medium);
    selection.drop(medium.number, {.kind = Fate::Kind::kContaminated, .of = set.name});
  }
  media_ = {};
}

void DecontaminateMedia::find_items() {
  for (const auto& [name, set] : config_.media_sets) {
    const auto before = items_.size();
    for (const auto& file : find_files(root_, set.path, "decontaminate.media_sets." + name)) {
      const auto modality = modality_of_extension(extension_of(file.path.string()));
      if (modality) items_.push_back({file.path, *modality, sets_.size()});
    }
    if (items_.size() == before) {
      throw DataError(
          "data.decontaminate.media_sets.{}: no picture, sound or clip in {}: must have some", name,
          set.path);
    }
    sets_.push_back({.name = name, .items = static_cast<int64_t>(items_.size() - before)});
  }
}

void DecontaminateMedia::read_items(const Selection& selection, MediaMatches& matches) {
  InOrder<RecognisedMedia> files(items_.size(), selection.crew().num_threads(), [&](size_t n) {
    const auto file = read_media_file(items_[n].modality, items_[n].path);
    return RecognisedMedia{xxh3_64(file.bytes), fingerprint_of(file, config_.media)};
  });
  files.run([&](size_t n, RecognisedMedia&& found) {
    if (found.fingerprint.empty()) ++sets_[items_[n].set].plain;
    matches.add(found.fingerprint, MediaMatches::Role::kFirst);
    contents_.emplace(found.content, n);
  });
}

void DecontaminateMedia::read_documents(const Selection& selection, MediaMatches& matches) {
  selection.visit<std::vector<RecognisedMedia>>(
      "decontaminating media",
      [&](size_t number, Document&& document) {
        std::vector<RecognisedMedia> found;
        if (!selection.trains_on(number)) return found;
        for (const auto& file : document.media) found.push_back(recognise(file, config_.media));
        return found;
      },
      [&](size_t number, std::vector<RecognisedMedia>&& found) {
        for (size_t place = 0; place < found.size(); ++place) {
          const auto exact = contents_.find(found[place].content);
          media_.push_back({.number = number,
                            .item = exact == contents_.end() ? kNoItem : exact->second,
                            .place = static_cast<uint8_t>(
                                std::min<size_t>(place, std::numeric_limits<uint8_t>::max()))});
          matches.add(found[place].fingerprint, MediaMatches::Role::kSecond);
        }
      });
}

void DecontaminateMedia::note_example(const Selection& selection, const Medium& medium) {
  const auto document = selection.corpus().document(medium.number);
  const auto& item = items_[medium.item];
  Example example{.set = item.set,
                  .document = document.source + "/" + document.id,
                  .item = item.path.lexically_relative(root_).string(),
                  .item_figure = preview_of(read_media_file(item.modality, item.path)),
                  .document_figure = preview_of(document.media[medium.place])};
  example.item_figure.caption = sets_[item.set].name + ": " + example.item;
  example.document_figure.caption = example.document;
  example.document_figure.lines = {{"text", shortened(text_of(document), kContaminatedCharacters)}};
  examples_.push_back(std::move(example));
}

Json DecontaminateMedia::json() const {
  Json sets = Json::array();
  for (size_t n = 0; n < sets_.size(); ++n) {
    const auto& set = sets_[n];
    Json examples = Json::array();
    for (const auto& example : examples_) {
      if (example.set != n) continue;
      examples.push_back({{"document", example.document}, {"item", example.item}});
    }
    sets.push_back({{"name", set.name},
                    {"items", set.items},
                    {"items_too_plain_or_short", set.plain},
                    {"documents", set.documents},
                    {"examples", std::move(examples)}});
  }
  return {{"distance", config_.media.distance}, {"sets", std::move(sets)}};
}

void DecontaminateMedia::show(Page& page) const {
  page.heading("Contamination of media");
  page.note(
      fmt::format("Documents in training with a medium of an evaluation set, byte for byte or as "
                  "duplicates of media are found: PDQ hashes within {} bits in 8 symmetries, clips "
                  "with {:g} of the frames, sounds with at most {:g} of the bits different.",
                  config_.media.distance, config_.media.frame_share, config_.media.bit_error_rate));
  PageTable table;
  table.columns = {"evaluation set", "items", "too plain or short, found byte for byte",
                   "documents dropped"};
  for (const auto& set : sets_) {
    table.rows.push_back({set.name, std::to_string(set.items), std::to_string(set.plain),
                          std::to_string(set.documents)});
  }
  page.table(table);
  if (examples_.empty()) return;
  page.begin_details("What was found: the item, and the document");
  for (const auto& example : examples_) {
    page.figures({example.item_figure, example.document_figure});
  }
  page.end_details();
}

}  // namespace reka::data
