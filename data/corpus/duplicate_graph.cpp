#include "data/corpus/duplicate_graph.h"

#include <algorithm>
#include <bit>
#include <limits>

#include <fmt/format.h>

#include "data/corpus/cluster_report.h"
#include "data/corpus/shown_clusters.h"
#include "data/media/preview.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

constexpr size_t kShownMembers = 6;
constexpr size_t kShownLeaks = 3;  // of two sides and a kind
constexpr size_t kMemberCharacters = 200;
constexpr uint8_t kSeveralSources = 0x80;
constexpr uint8_t kModalities = 0x0F;

uint8_t bit_of(Modality modality) {
  return static_cast<uint8_t>(1U << static_cast<unsigned>(modality));
}

bool has_several_modalities(uint8_t kinds) {
  return std::popcount(static_cast<uint8_t>(kinds & kModalities)) > 1;
}

std::string sides(Split first, Split second) {
  return fmt::format("{} and {}", kSplitNames[static_cast<size_t>(first)],
                     kSplitNames[static_cast<size_t>(second)]);
}

}  // namespace

std::string DuplicateGraph::Kind::name() const {
  if (modality == Modality::kText) return is_exact ? "exact document" : "near text";
  const auto* how = is_exact ? "exact" : "alike";
  return fmt::format("{} {}", how, modality_name(modality));
}

DuplicateGraph::DuplicateGraph(const Collection& corpus, std::vector<std::string> sources)
    : corpus_(corpus),
      ranks_(corpus.marks),
      sources_(std::move(sources)),
      sets_(corpus.marks.size()),
      source_of_(corpus.marks.size()),
      kinds_(corpus.marks.size()),
      shown_(corpus.marks.size()) {
  Ranks ranks(corpus.marks);
  for (const auto& chunk : corpus.chunks) {
    for (auto n = chunk.first; n < chunk.first + chunk.count; ++n) {
      source_of_[ranks.of(n)] = static_cast<uint16_t>(chunk.source);
    }
  }
}

void DuplicateGraph::add(const DuplicateEdge& edge) {
  const Kind kind{edge.modality, edge.is_exact};
  sets_.join(edge.first, edge.second);
  ++edges_[kind];
  const auto place = [](size_t medium) {
    return static_cast<uint8_t>(std::min<size_t>(medium, std::numeric_limits<uint8_t>::max()));
  };
  shown_[edge.first] = place(edge.first_medium);
  shown_[edge.second] = place(edge.second_medium);
  kinds_[edge.second] |= bit_of(edge.modality);
  const auto [one, other] = std::minmax(source_of_[edge.first], source_of_[edge.second]);
  ++by_sources_[{sources_[one], sources_[other], kind}];
  const auto first = ranks_.split_of(edge.first), second = ranks_.split_of(edge.second);
  if (first == second) return;
  auto& leak = leaks_[{first, second, kind}];
  ++leak.count;
  leak.drawn.insert({mix64(edge.second), {edge.first, edge.second}});
  if (leak.drawn.size() > kShownLeaks) leak.drawn.erase(std::prev(leak.drawn.end()));
}

void DuplicateGraph::run(Selection& selection) {
  sets_.settle();
  count_clusters();
  read_examples(selection);
}

// Of all clusters; chosen are those of several sources or modalities, and others where there are
// none.
void DuplicateGraph::count_clusters() {
  for (size_t rank = 0; rank < sets_.size(); ++rank) {
    const auto first = sets_.first_of(rank);
    kinds_[first] |= kinds_[rank];
    if (source_of_[first] != source_of_[rank]) kinds_[first] |= kSeveralSources;
  }
  ShownClusters spanning, others;
  for (size_t rank = 0; rank < sets_.size(); ++rank) {
    if (!sets_.is_first(rank) || sets_.count(rank) < 2) continue;
    const auto size = sets_.count(rank);
    ++sizes_[static_cast<int64_t>(size)];
    const bool has_sources = (kinds_[rank] & kSeveralSources) != 0;
    const bool has_modalities = has_several_modalities(kinds_[rank]);
    of_several_sources_ += has_sources ? 1 : 0;
    of_several_modalities_ += has_modalities ? 1 : 0;
    (has_sources || has_modalities ? spanning : others).offer(rank, size);
  }
  const auto chosen = spanning.firsts().empty() ? others.firsts() : spanning.firsts();
  for (const auto first : chosen) clusters_[first].size = sets_.count(first);
}

void DuplicateGraph::read_examples(const Selection& selection) {
  std::map<uint64_t, size_t> numbers;  // of leaking documents, by rank
  for (const auto& [pair, leak] : leaks_) {
    for (const auto& [order, edge] : leak.drawn) numbers[edge.first] = numbers[edge.second] = 0;
  }
  std::map<uint64_t, std::set<std::pair<uint16_t, Split>>> seen;
  Ranks ranks(corpus_.marks);
  for (size_t n = 0; n < corpus_.marks.size(); ++n) {
    const auto rank = ranks.of(n);
    if (const auto leaking = numbers.find(rank); leaking != numbers.end()) leaking->second = n;
    const auto first = sets_.first_of(rank);
    const auto cluster = clusters_.find(first);
    if (cluster == clusters_.end() || cluster->second.members.size() == kShownMembers) continue;
    // Half of the places are for sources and sides that are not shown yet.
    const bool is_new = seen[first].insert({source_of_[rank], corpus_.marks[n].split}).second;
    if (!is_new && cluster->second.members.size() >= kShownMembers / 2) continue;
    cluster->second.members.push_back(member_of(selection, {n, rank}));
  }
  for (auto& [pair, leak] : leaks_) {
    for (const auto& [order, edge] : leak.drawn) {
      leak.examples.push_back(
          {.size = 2,
           .members = {member_of(selection, {numbers[edge.first], edge.first}),
                       member_of(selection, {numbers[edge.second], edge.second})}});
    }
  }
}

DuplicateGraph::Member DuplicateGraph::member_of(const Selection& selection,
                                                 const Ranked& ranked) const {
  const auto document = corpus_.document(ranked.number);
  Member member{.name = document.source + "/" + document.id,
                .split = document.split,
                .fate = fate_name(selection.fate(ranked.number)),
                .text = shortened(text_of(document), kMemberCharacters)};
  if (document.media.empty()) return member;
  const auto medium = std::min<size_t>(shown_[ranked.rank], document.media.size() - 1);
  member.figure = preview_of(document.media[medium]);
  return member;
}

Json DuplicateGraph::json_of(const Cluster& cluster) {
  Json members = Json::array();
  for (const auto& member : cluster.members) {
    members.push_back({{"document", member.name},
                       {"side", kSplitNames[static_cast<size_t>(member.split)]},
                       {"fate", member.fate},
                       {"text", member.text}});
  }
  return {{"size", cluster.size}, {"members", std::move(members)}};
}

Json DuplicateGraph::json() const {
  Json edges = Json::object(), sizes = Json::array();
  for (const auto& [kind, count] : edges_) edges[kind.name()] = count;
  for (const auto& [size, count] : sizes_) sizes.push_back({{"size", size}, {"clusters", count}});
  Json pairs = Json::array(), leaks = Json::array(), clusters = Json::array();
  for (const auto& [pair, count] : by_sources_) {
    const auto& [one, other, kind] = pair;
    pairs.push_back({{"sources", {one, other}}, {"kind", kind.name()}, {"edges", count}});
  }
  for (const auto& [pair, leak] : leaks_) {
    const auto& [first, second, kind] = pair;
    Json examples = Json::array();
    for (const auto& example : leak.examples) examples.push_back(json_of(example));
    leaks.push_back(
        {{"sides",
          {kSplitNames[static_cast<size_t>(first)], kSplitNames[static_cast<size_t>(second)]}},
         {"kind", kind.name()},
         {"edges", leak.count},
         {"examples", std::move(examples)}});
  }
  for (const auto& [first, cluster] : clusters_) clusters.push_back(json_of(cluster));
  return {{"edges", std::move(edges)},
          {"sizes", std::move(sizes)},
          {"clusters_of_several_sources", of_several_sources_},
          {"clusters_of_several_modalities", of_several_modalities_},
          {"source_pairs", std::move(pairs)},
          {"leaks", std::move(leaks)},
          {"clusters", std::move(clusters)}};
}

void DuplicateGraph::show(Page& page) const {
  page.heading("Duplicates over sources and modalities");
  page.note(
      "Documents that hold the same text, picture, sound or clip are joined; each is counted "
      "against the first of its cluster, in training before dev before test.");
  int64_t clusters = 0;
  for (const auto& [size, count] : sizes_) clusters += count;
  page.cards({{"clusters", std::to_string(clusters), "of two documents or more"},
              {"of several sources", std::to_string(of_several_sources_), "clusters"},
              {"of several modalities", std::to_string(of_several_modalities_), "clusters"}});
  PageTable pairs;
  pairs.columns = {"what is the same", "source", "and", "documents"};
  for (const auto& [pair, count] : by_sources_) {
    const auto& [one, other, kind] = pair;
    pairs.rows.push_back({kind.name(), one, other, std::to_string(count)});
  }
  if (pairs.rows.empty()) return;
  page.table(pairs);
  show_leaks(page);
  page.begin_details("Clusters");
  for (const auto& [first, cluster] : clusters_) {
    page.subheading(fmt::format("{} documents", cluster.size));
    show_members(cluster, page);
  }
  page.end_details();
}

void DuplicateGraph::show_leaks(Page& page) const {
  page.heading("The same on two sides");
  if (leaks_.empty()) {
    page.paragraph("No document holds what another holds on the other side of the split.");
    return;
  }
  PageTable table;
  table.columns = {"what is the same", "sides", "documents"};
  for (const auto& [pair, leak] : leaks_) {
    const auto& [first, second, kind] = pair;
    table.rows.push_back({kind.name(), sides(first, second), std::to_string(leak.count)});
  }
  page.table(table);
  page.begin_details("Examples");
  for (const auto& [pair, leak] : leaks_) {
    for (const auto& example : leak.examples) show_members(example, page);
  }
  page.end_details();
}

void DuplicateGraph::show_members(const Cluster& cluster, Page& page) {
  std::vector<Figure> figures;
  for (const auto& member : cluster.members) {
    auto figure = member.figure;
    figure.caption = member.name;
    figure.lines = {{"text", member.text},
                    {"side", std::string(kSplitNames[static_cast<size_t>(member.split)])},
                    {"fate", member.fate}};
    figures.push_back(std::move(figure));
  }
  page.figures(figures);
}

}  // namespace reka::data
