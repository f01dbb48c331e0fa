#include "data/corpus/dropped.h"

#include <algorithm>
#include <fstream>
#include <map>

#include "reka/base/error.h"
#include "reka/base/json.h"
#include "reka/base/log.h"

namespace reka::data {
namespace {

constexpr int64_t kManyDocuments = 100;

struct Lost {
  int64_t documents = 0;
  bool keeps = false;
  std::map<Fate, int64_t> fates;
};

}  // namespace

void list_dropped(const Selection& selection, const std::filesystem::path& file) {
  const auto& corpus = selection.corpus();
  std::ofstream lines(file);
  for (const auto& group : corpus.signals->groups()) {
    for (size_t row = 0; row < group.rows; ++row) {
      const auto number = group.first + row;
      if (selection.keeps(number)) continue;
      lines << dump_json({{"source", corpus.signals->sources()[group.source[row]]},
                          {"id", group.id(row)},
                          {"language", corpus.language_of(number)},
                          {"dropped", fate_name(selection.fate(number))}})
            << '\n';
    }
  }
  lines.close();
  if (!lines) throw DataError("{}: cannot be written: must have room", file.string());
}

void warn_of_lost_languages(const Selection& selection) {
  const auto& corpus = selection.corpus();
  std::vector<Lost> languages(corpus.languages.size());
  for (size_t n = 0; n < corpus.marks.size(); ++n) {
    auto& lost = languages[corpus.marks[n].language];
    ++lost.documents;
    lost.keeps = lost.keeps || selection.keeps(n);
    if (!lost.keeps) ++lost.fates[selection.fate(n)];
  }
  for (size_t n = 0; n < languages.size(); ++n) {
    const auto& lost = languages[n];
    if (lost.keeps || lost.documents < kManyDocuments) continue;
    const auto most =
        std::ranges::max_element(lost.fates, {}, [](const auto& fate) { return fate.second; });
    warn("data: language {}: none of {} documents is kept: {} go by {}",
         corpus.languages[n].empty() ? "unknown" : corpus.languages[n], lost.documents,
         most->second, fate_name(most->first));
  }
}

}  // namespace reka::data
