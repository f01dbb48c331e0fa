#include "data/corpus/decontaminate.h"

#include <optional>

#include "data/corpus/cluster_report.h"
#include "reka/base/log.h"

namespace reka::data {
namespace {

constexpr size_t kShownOfSet = 20;
constexpr size_t kShownCharacters = 300;
constexpr double kLargeShare = 0.001;  // more is seldom contamination, and often a frame

struct Hit {
  EvaluationIndex::Match match;
  std::string document;

  static auto members(auto& self) { return std::tie(self.match, self.document); }
};

}  // namespace

void Decontaminate::run(Selection& selection) {
  const EvaluationIndex index(config_, root_);
  for (const auto& set : index.sets()) found_.push_back({.set = set});
  std::vector<std::pair<size_t, size_t>> drops;  // number, set
  int64_t documents = 0;
  selection.visit<std::optional<Hit>>(
      "decontaminating",
      [&](size_t number, Document&& document) -> std::optional<Hit> {
        if (!selection.trains_on(number)) return std::nullopt;
        thread_local std::optional<Shingler> shingler;
        if (!shingler || shingler->ngram() != static_cast<size_t>(config_.ngram)) {
          shingler.emplace(index.make_shingler());
        }
        auto match = index.find(text_of(document), *shingler);
        if (!match) return std::nullopt;
        return Hit{*std::move(match), document.source + "/" + document.id};
      },
      [&](size_t number, std::optional<Hit>&& hit) {
        ++documents;
        if (!hit) return;
        auto& found = found_[hit->match.set];
        ++found.documents;
        drops.emplace_back(number, hit->match.set);
        if (found.examples.size() == kShownOfSet) return;
        found.examples.push_back({hit->document, hit->match.item, hit->match.words,
                                  shortened(hit->match.text, kShownCharacters)});
      });
  for (const auto& drop : drops) {
    selection.drop(drop.first,
                   {.kind = Fate::Kind::kContaminated, .of = found_[drop.second].set.name});
  }
  tell_large_shares(documents);
}

void Decontaminate::tell_large_shares(int64_t documents) const {
  for (const auto& found : found_) {
    const auto share = static_cast<double>(found.documents) / static_cast<double>(documents);
    if (documents == 0 || share <= kLargeShare) continue;
    warn("data.decontaminate.sets.{}: {} of {} documents have words of it: look at the report",
         found.set.name, found.documents, documents);
  }
}

Json Decontaminate::json() const {
  Json sets = Json::array();
  for (const auto& found : found_) {
    Json examples = Json::array();
    for (const auto& example : found.examples) {
      examples.push_back({{"document", example.document},
                          {"item", example.item},
                          {"words", example.words},
                          {"text", example.text}});
    }
    sets.push_back({{"name", found.set.name},
                    {"items", found.set.items},
                    {"items_too_short", found.set.too_short},
                    {"ngrams", found.set.ngrams},
                    {"frame_ngrams", found.set.frame},
                    {"documents", found.documents},
                    {"examples", std::move(examples)}});
  }
  return {{"ngram", config_.ngram}, {"longest", config_.longest}, {"sets", std::move(sets)}};
}

void Decontaminate::show(Page& page) const {
  page.heading("Contamination");
  page.note(
      fmt::format("Documents in training with at least {} words on end of an item, compared "
                  "by runs of {}.",
                  config_.longest, config_.ngram));
  PageTable sets;
  sets.columns = {"evaluation set",   "items", "too short to find", "runs", "runs of its frame",
                  "documents dropped"};
  PageTable examples;
  examples.columns = {"set", "item", "document", "words", "which"};
  for (const auto& found : found_) {
    sets.rows.push_back({found.set.name, std::to_string(found.set.items),
                         std::to_string(found.set.too_short), std::to_string(found.set.ngrams),
                         std::to_string(found.set.frame), std::to_string(found.documents)});
    for (const auto& example : found.examples) {
      examples.rows.push_back({found.set.name, example.item, example.document,
                               std::to_string(example.words), example.text});
    }
  }
  page.table(sets);
  if (examples.rows.empty()) return;
  page.begin_details("What was found");
  page.table(examples);
  page.end_details();
}

}  // namespace reka::data
