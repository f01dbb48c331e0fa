#include "data/corpus/repeated_substrings.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <tuple>

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include "data/corpus/cluster_report.h"
#include "data/corpus/first_copies.h"
#include "data/corpus/hash_groups.h"

namespace reka::data {
namespace {

constexpr size_t kMostExamples = 10;
constexpr size_t kMostLongRuns = 100;  // of which examples are taken, one for each first copy
constexpr size_t kExampleLength = 300;

struct LongRun {
  uint64_t begin = 0;
  int64_t words = 0;
  std::string document;  // source and id
  std::string text;

  static auto members(auto& self) {
    return std::tie(self.begin, self.words, self.document, self.text);
  }
};

bool is_compared(const Document& document) {
  return document.media.empty() && !document.whole;
}

std::string place_of(const Document& document) {
  return document.source + "/" + document.id;
}

}  // namespace

// A run of n words and how often it comes behind the first, places that overlap left out.
struct RepeatedSubstrings::FrequentRun {
  uint64_t hash = 0;
  uint64_t first = 0;
  uint64_t later = 0;
  int64_t copies = 0;
  size_t document = 0;  // of the first
};

struct RepeatedSubstrings::Examples {
  explicit Examples(const std::filesystem::path& folder) : first_copies(folder) {}

  FirstCopies first_copies;
  std::vector<FrequentRun> frequent;  // most first, one for each document of a first copy
  std::vector<LongRun> longest;       // longest first
};

struct RepeatedSubstrings::Found {
  std::vector<Cut> cuts;
  SubstringReport::Counts counts;
  int64_t words_left = 0;
  LongRun longest;
  std::string source;

  static auto members(auto& self) {
    return std::tie(self.cuts, self.counts, self.words_left, self.longest, self.source);
  }
};

void RepeatedSubstrings::run(Selection& selection) {
  report_.method =
      fmt::format("Runs of at least {} words that stand earlier; {}.", config_.min_words,
                  config_.keep == "none" ? "all copies go" : "the first copy stays");
  const auto& marks = selection.corpus().marks;
  places_.resize(marks.size());
  // How many words there are is not known before; each has a byte.
  uint64_t bytes = 0;
  for (const auto& mark : marks) bytes += mark.text_bytes;
  Examples examples(space_.folder);
  if (bytes <= std::numeric_limits<uint32_t>::max()) {
    find<uint32_t>(selection, bytes, examples);
  } else {
    find<uint64_t>(selection, bytes, examples);
  }
  const auto emptied = cut(selection, examples);
  show_examples(selection, examples);
  begins_ = {};
  places_ = {};
  line_ = {};
  for (const auto number : emptied) selection.drop(number, {.kind = Fate::Kind::kEmptied});
  if (cuts_.empty()) return;
  selection.add_edit("repeated substrings", [this](size_t number, Document& document) {
    const auto [first, last] =
        std::equal_range(cuts_.begin(), cuts_.end(), DocumentCuts{.document = number},
                         [](const auto& a, const auto& b) { return a.document < b.document; });
    if (first == last) return int64_t{0};
    apply_cuts(first->cuts, document);
    return std::ssize(first->cuts);
  });
}

template <typename Number>
void RepeatedSubstrings::find(const Selection& selection, uint64_t bytes, Examples& examples) {
  const auto n = static_cast<uint64_t>(config_.min_words);
  HashGroups<Number> groups(bytes, space_.memory_bytes, space_.folder);
  for (const auto side : {Split::kTrain, Split::kDev, Split::kTest}) {
    add_texts(selection, side, groups);
  }
  begins_.resize(static_cast<size_t>(report_.words));
  FrequentRun run;
  groups.visit([&](std::span<const HashedNumber<Number>> group) {
    const uint64_t first = group[0].number;
    bool comes_again = false;
    for (const auto& other : group.subspan(1)) {
      const uint64_t later = other.number;
      if (later - first < n) continue;
      if (!comes_again) {
        note(run, examples);
        run = {.hash = other.hash(), .first = first, .later = later};
        ++report_.repeated;
      }
      ++run.copies;
      comes_again = true;
      begins_[later] = true;
      examples.first_copies.add(later, first);
    }
    if (!comes_again || config_.keep != "none") return;
    for (const auto& other : group) {
      if (other.number - first < n) begins_[other.number] = true;
    }
  });
  note(run, examples);
}

// One side after the other, since the first number of a group is the first that was added.
template <typename Number>
void RepeatedSubstrings::add_texts(const Selection& selection, Split side,
                                   HashGroups<Number>& groups) {
  const auto& marks = selection.corpus().marks;
  if (std::ranges::none_of(marks, [&](const auto& mark) { return mark.split == side; })) return;
  using Hashes = std::vector<uint64_t>;
  const auto n = static_cast<size_t>(config_.min_words);
  selection.visit<Hashes>(
      "runs of words",
      [&](size_t number, Document&& document) {
        if (marks[number].split != side || !is_compared(document)) return Hashes();
        return DocumentWords(document).run_hashes(n);
      },
      [&](size_t number, Hashes&& hashes) {
        if (hashes.empty()) return;
        auto place = static_cast<uint64_t>(report_.words);
        places_[number] = {.begin = place, .runs = hashes.size()};
        line_.push_back(number);
        ++report_.documents;
        report_.words += std::ssize(hashes) + config_.min_words - 1;
        for (const auto hash : hashes) groups.add(hash, static_cast<Number>(place++));
      },
      /*large=*/true);
}

size_t RepeatedSubstrings::document_at(uint64_t position) const {
  const auto after = std::ranges::upper_bound(
      line_, position, {}, [this](size_t number) { return places_[number].begin; });
  return *std::prev(after);
}

void RepeatedSubstrings::note(FrequentRun run, Examples& examples) const {
  auto& known = examples.frequent;
  if (run.copies == 0) return;
  if (known.size() == kMostExamples && run.copies <= known.back().copies) return;
  run.document = document_at(run.first);
  const auto same = std::ranges::find(known, run.document, &FrequentRun::document);
  if (same != known.end()) {
    if (same->copies >= run.copies) return;
    known.erase(same);
  }
  const auto place =
      std::ranges::find_if(known, [&](const auto& other) { return other.copies < run.copies; });
  known.insert(place, run);
  if (known.size() > kMostExamples) known.pop_back();
}

RepeatedSubstrings::Found RepeatedSubstrings::find_cuts(size_t number, Document&& document) const {
  const auto n = static_cast<size_t>(config_.min_words);
  const auto& place = places_[number];
  const auto begin = begins_.begin() + static_cast<std::ptrdiff_t>(place.begin);
  const auto end = begin + static_cast<std::ptrdiff_t>(place.runs);
  Found found;
  if (std::find(begin, end, true) == end) return found;
  const DocumentWords words(document);
  TORCH_CHECK(words.size() == place.runs + n - 1, "repeated substrings: a text has changed");
  std::vector<bool> marked(words.size());
  for (size_t word = 0, taken = 0; word < words.size(); ++word) {
    if (word < place.runs && begins_[place.begin + word]) taken = word + n;
    marked[word] = word < taken;
  }
  found.cuts = words.cuts(marked);
  found.counts.documents = 1;
  for (const auto& cut : found.cuts) found.counts.bytes += cut.size - (cut.leaves_newline ? 1 : 0);
  size_t longest = 0;
  for (size_t first = 0, last = 0; first < words.size(); first = last) {
    for (last = first; last < words.size() && marked[last] == marked[first];) ++last;
    const auto count = static_cast<int64_t>(last - first);
    (marked[first] ? found.counts.words : found.words_left) += count;
    if (!marked[first]) continue;
    ++found.counts.runs;
    if (count <= found.longest.words) continue;
    found.longest.words = count;
    longest = first;
  }
  found.longest.begin = place.begin + longest;
  found.longest.document = place_of(document);
  found.longest.text =
      shortened(words.text(longest, static_cast<size_t>(found.longest.words)), kExampleLength);
  found.source = document.source;
  return found;
}

// -> the documents of which too little is left.
std::vector<size_t> RepeatedSubstrings::cut(const Selection& selection, Examples& examples) {
  std::vector<size_t> emptied;
  if (report_.repeated == 0) return emptied;
  auto& longest = examples.longest;
  selection.visit<Found>(
      "repeated words",
      [&](size_t number, Document&& document) { return find_cuts(number, std::move(document)); },
      [&](size_t number, Found&& found) {
        if (found.cuts.empty()) return;
        if (found.words_left < config_.min_words_left) {
          found.counts.dropped = 1;
          emptied.push_back(number);
        } else {
          cuts_.push_back({number, std::move(found.cuts)});
        }
        const auto& language = selection.corpus().language_of(number);
        report_.cells[{found.source, language}] += found.counts;
        const auto place = std::ranges::find_if(
            longest, [&](const auto& other) { return other.words < found.longest.words; });
        longest.insert(place, std::move(found.longest));
        if (longest.size() > kMostLongRuns) longest.pop_back();
      });
  return emptied;
}

void RepeatedSubstrings::show_examples(const Selection& selection, const Examples& examples) {
  std::map<uint64_t, std::optional<uint64_t>> first_copies;
  for (const auto& run : examples.longest) first_copies[run.begin] = std::nullopt;
  examples.first_copies.find(first_copies);
  std::set<size_t> shown;
  for (const auto& run : examples.longest) {
    const auto first = first_copies.at(run.begin);
    // None where the run itself begins with a first copy, which is taken out too.
    if (!first || report_.longest.size() == kMostExamples) continue;
    const auto number = document_at(*first);
    if (!shown.insert(number).second) continue;
    report_.longest.push_back({.words = run.words,
                               .first = place_of(selection.document(number)),
                               .later = run.document,
                               .text = run.text});
  }
  for (const auto& run : examples.frequent) {
    const auto first = selection.document(run.document);
    const auto begin = static_cast<size_t>(run.first - places_[run.document].begin);
    const auto text = DocumentWords(first).text(begin, static_cast<size_t>(config_.min_words));
    report_.most_frequent.push_back({.words = config_.min_words,
                                     .copies = run.copies,
                                     .first = place_of(first),
                                     .later = place_of(selection.document(document_at(run.later))),
                                     .text = shortened(text, kExampleLength)});
  }
}

}  // namespace reka::data
