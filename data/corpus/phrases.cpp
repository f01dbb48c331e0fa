#include "data/corpus/phrases.h"

#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "data/corpus/lines.h"
#include "data/corpus/normalize.h"

namespace reka::data {
namespace {

struct Group {
  std::string name;
  Split split = Split::kTrain;
  std::vector<const Phrase*> phrases;
};

std::map<int64_t, Group> group_by_side(const PhraseList& list, const SplitConfig& split) {
  constexpr int64_t kTraining = -1;
  std::map<int64_t, Group> groups;
  for (const auto& phrase : list.phrases) {
    const auto number = key_class(phrase.key, split.modulus);
    const auto side = split.side_of_class(number);
    auto& group = groups[side == Split::kTrain ? kTraining : number];
    group.name = side == Split::kTrain ? "train" : std::to_string(number);
    group.split = side;
    group.phrases.push_back(&phrase);
  }
  return groups;
}

// Closes documents as they fill up.
class Filler {
 public:
  Filler(const PhraseList& list, const Group& group, const std::string& source,
         const DocumentSink& emit)
      : list_(list), group_(group), source_(source), emit_(emit) {}

  void fill(int64_t document_characters) {
    for (const auto* phrase : group_.phrases) {
      const auto trimmed = trim(phrase->text);
      if (trimmed.empty()) continue;
      text_.append(text_.empty() ? "" : "\n").append(trimmed);
      characters_ += count_characters(trimmed);
      if (characters_ >= document_characters) close();
    }
    if (!text_.empty()) close();
  }

 private:
  void close() {
    Document document;
    document.id = fmt::format("{}/{}/{}", list_.id, group_.name, documents_++);
    document.key = fmt::format("{}/{}", list_.key, group_.name);
    document.source = source_;
    document.language = list_.language;
    document.split = group_.split;
    document.parts.push_back({.text = std::exchange(text_, {})});
    characters_ = 0;
    emit_(std::move(document));
  }

  const PhraseList& list_;
  const Group& group_;
  const std::string& source_;
  const DocumentSink& emit_;
  std::string text_;
  int64_t characters_ = 0;
  int64_t documents_ = 0;
};

}  // namespace

void emit_phrases(const PhraseList& list, const SplitConfig& split, int64_t document_characters,
                  const ReaderContext& context, const DocumentSink& emit) {
  for (const auto& numbered : group_by_side(list, split)) {
    Filler(list, numbered.second, context.source, emit).fill(document_characters);
  }
}

}  // namespace reka::data
