#include "data/corpus/repeated_paragraphs.h"

#include <algorithm>
#include <set>
#include <span>

#include "data/corpus/cluster_report.h"
#include "data/corpus/each_line.h"
#include "data/corpus/hash_groups.h"
#include "data/corpus/normalize.h"
#include "reka/base/hash.h"

namespace reka::data {
namespace {

constexpr size_t kMostShown = 10;
constexpr size_t kShownCharacters = 300;

}  // namespace

bool RepeatedParagraphs::is_compared(const Document& document) const {
  return document.split == Split::kTrain && document.media.empty() && !document.whole;
}

bool RepeatedParagraphs::is_long(std::string_view line) const {
  return std::ssize(line) >= config_.min_characters &&
         count_characters(line) >= config_.min_characters;
}

void RepeatedParagraphs::run(Selection& selection) {
  // How many there are is not known before; the text could hold no more.
  uint64_t bytes = 0;
  for (const auto& mark : selection.corpus().marks) bytes += mark.text_bytes;
  HashGroups<uint64_t> groups(bytes / static_cast<uint64_t>(config_.min_characters),
                              space_.memory_bytes, space_.folder);
  using Hashes = std::vector<uint64_t>;
  selection.visit<Hashes>(
      "paragraphs",
      [&](size_t, Document&& document) {
        Hashes hashes;
        if (!is_compared(document)) return hashes;
        for (const auto& part : document.parts) {
          for_each_line(part.text, [&](std::string_view line) {
            if (is_long(line)) hashes.push_back(xxh3_64(line));
          });
        }
        return hashes;
      },
      [&](size_t number, Hashes&& hashes) {
        paragraphs_ += std::ssize(hashes);
        for (const auto hash : hashes) groups.add(hash, number);
      },
      /*large=*/true);
  groups.visit([&](std::span<const HashedNumber<uint64_t>> group) {
    const Repeated paragraph{group[0].hash(), group[0].number};
    if (std::ssize(group) < config_.min_count) return;
    copies_ += std::ssize(group) - 1;
    repeated_.push_back(paragraph);
    note(paragraph, std::ssize(group));
  });
  find_texts(selection);
  if (repeated_.empty()) return;
  selection.add_edit("repeated paragraphs", [this](size_t number, Document& document) {
    return is_compared(document) ? drop_repeated(number, document) : 0;
  });
}

void RepeatedParagraphs::note(const Repeated& paragraph, int64_t count) {
  const auto place = std::find_if(examples_.begin(), examples_.end(),
                                  [&](const auto& known) { return known.count < count; });
  if (place == examples_.end() && examples_.size() == kMostShown) return;
  examples_.insert(place, {.count = count, .paragraph = paragraph});
  if (examples_.size() > kMostShown) examples_.pop_back();
}

void RepeatedParagraphs::find_texts(const Selection& selection) {
  for (auto& example : examples_) {
    const auto document = selection.corpus().document(example.paragraph.document);
    example.place = document.source + "/" + document.id;
    for (const auto& part : document.parts) {
      for_each_line(part.text, [&](std::string_view line) {
        if (xxh3_64(line) == example.paragraph.hash) {
          example.text = shortened(std::string(line), kShownCharacters);
        }
      });
    }
  }
}

int64_t RepeatedParagraphs::drop_repeated(size_t number, Document& document) const {
  int64_t dropped = 0;
  std::set<uint64_t> seen;
  const auto is_copy = [&](std::string_view line) {
    if (!is_long(line)) return false;
    const auto hash = xxh3_64(line);
    const auto found = std::lower_bound(
        repeated_.begin(), repeated_.end(), hash,
        [](const Repeated& known, uint64_t wanted) { return known.hash < wanted; });
    if (found == repeated_.end() || found->hash != hash) return false;
    return found->document != number || !seen.insert(hash).second;
  };
  for (auto& part : document.parts) {
    if (part.kind == Part::Kind::kText) dropped += drop_lines(part.text, is_copy);
  }
  return dropped;
}

Json RepeatedParagraphs::json() const {
  Json shown = Json::array();
  for (const auto& example : examples_) {
    shown.push_back({{"count", example.count}, {"first", example.place}, {"text", example.text}});
  }
  return {{"min_characters", config_.min_characters},
          {"paragraphs", paragraphs_},
          {"repeated", repeated_.size()},
          {"copies", copies_},
          {"examples", shown}};
}

void RepeatedParagraphs::show(Page& page) const {
  page.heading("Repeated paragraphs");
  page.cards({{"compared", std::to_string(paragraphs_), "paragraphs of training text"},
              {"repeated", std::to_string(repeated_.size()), "distinct ones"},
              {"taken out", std::to_string(copies_),
               "copies behind the first, also of documents that are dropped later"}});
  if (examples_.empty()) return;
  page.begin_details("The most frequent");
  PageTable table;
  table.columns = {"copies", "first in", "text"};
  for (const auto& example : examples_) {
    table.rows.push_back({std::to_string(example.count), example.place, example.text});
  }
  page.table(table);
  page.end_details();
}

}  // namespace reka::data
