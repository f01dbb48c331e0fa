#include "data/corpus/decontaminate_media.h"

#include <fmt/format.h>

#include "data/corpus/cluster_report.h"
#include "data/media/load.h"
#include "data/media/preview.h"

namespace reka::data {
namespace {

constexpr size_t kShownOfMediaSet = 10;
constexpr size_t kContaminatedCharacters = 200;

}  // namespace

void DecontaminateMedia::run(Selection& selection) {
  const EvaluationMedia media(config_, root_, selection.crew().num_threads());
  for (const auto& set : media.sets()) found_.push_back({.set = set});
  std::vector<std::pair<size_t, Hit>> hits;
  selection.visit<std::optional<Hit>>(
      "decontaminating media",
      [&](size_t number, Document&& document) -> std::optional<Hit> {
        if (!selection.trains_on(number)) return std::nullopt;
        const auto found = recognised(std::move(document), config_.media);
        for (size_t place = 0; place < found.size(); ++place) {
          if (const auto item = media.find(found[place])) return Hit{*item, place};
        }
        return std::nullopt;
      },
      [&](size_t number, std::optional<Hit>&& hit) {
        if (hit) hits.emplace_back(number, *hit);
      });
  for (const auto& [number, hit] : hits) {
    auto& found = found_[media.item(hit.item).set];
    ++found.documents;
    if (found.examples.size() < kShownOfMediaSet)
      found.examples.push_back(example_of(selection, media, number, hit));
    selection.drop(number, {.kind = Fate::Kind::kContaminated, .of = found.set.name});
  }
}

DecontaminateMedia::Example DecontaminateMedia::example_of(const Selection& selection,
                                                           const EvaluationMedia& media,
                                                           size_t number, const Hit& hit) {
  const auto document = selection.corpus().document(number);
  const auto& item = media.item(hit.item);
  Example example{.document = document.source + "/" + document.id,
                  .item = media.name_of(hit.item),
                  .item_figure = preview_of(read_media_file(item.fingerprint.modality, item.path)),
                  .document_figure = preview_of(document.media[hit.place])};
  example.item_figure.caption = media.sets()[item.set].name + ": " + example.item;
  example.document_figure.caption = example.document;
  example.document_figure.lines = {{"text", shortened(text_of(document), kContaminatedCharacters)}};
  return example;
}

Json DecontaminateMedia::json() const {
  Json sets = Json::array();
  for (const auto& [set, documents, shown] : found_) {
    Json examples = Json::array();
    for (const auto& example : shown)
      examples.push_back({{"document", example.document}, {"item", example.item}});
    sets.push_back({{"name", set.name},
                    {"items", set.items},
                    {"items_too_plain_or_short", set.plain},
                    {"documents", documents},
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
  size_t num_examples = 0;
  for (const auto& [set, documents, examples] : found_) {
    table.rows.push_back({set.name, std::to_string(set.items), std::to_string(set.plain),
                          std::to_string(documents)});
    num_examples += examples.size();
  }
  page.table(table);
  if (num_examples == 0) return;
  page.begin_details("What was found: the item, and the document");
  for (const auto& found : found_) {
    for (const auto& example : found.examples)
      page.figures({example.item_figure, example.document_figure});
  }
  page.end_details();
}

}  // namespace reka::data
