#include "data/corpus/cluster_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "data/corpus/normalize.h"
#include "reka/base/utf8.h"

namespace reka::data {
namespace {

LineChart sizes_chart(const std::map<int64_t, int64_t>& sizes) {
  Series series{.name = "clusters"};
  for (const auto& [size, count] : sizes) {
    series.x.push_back(static_cast<double>(size));
    series.y.push_back(static_cast<double>(count));
  }
  return {.title = "Clusters by their size",
          .x_label = "documents in the cluster",
          .y_label = "clusters",
          .series = {std::move(series)},
          .log_x = true,
          .log_y = true};
}

}  // namespace

int64_t ClusterReport::clusters() const {
  int64_t sum = 0;
  for (const auto& [size, count] : sizes) sum += count;
  return sum;
}

int64_t ClusterReport::dropped() const {
  int64_t sum = 0;
  for (const auto& [size, count] : sizes) sum += (size - 1) * count;
  return sum;
}

Json ClusterReport::json() const {
  Json by_size = Json::array();
  for (const auto& [size, count] : sizes) by_size.push_back({{"size", size}, {"clusters", count}});
  Json shown = Json::array();
  for (const auto& example : examples) {
    shown.push_back({{"size", example.size},
                     {"kept", example.kept},
                     {"kept_text", example.kept_text},
                     {"dropped", example.dropped},
                     {"dropped_text", example.dropped_text}});
  }
  Json json = {{"method", method},     {"documents", documents}, {"clusters", clusters()},
               {"dropped", dropped()}, {"sizes", by_size},       {"examples", shown}};
  if (compared > 0) json["pairs"] = {{"compared", compared}, {"refused", refused}};
  return json;
}

void ClusterReport::show(const std::string& heading, Page& page) const {
  page.heading(heading);
  page.note(method);
  const auto largest = sizes.empty() ? 1 : sizes.rbegin()->first;
  page.cards({{"compared", std::to_string(documents), "documents"},
              {"clusters", std::to_string(clusters()), "of two or more"},
              {"dropped", std::to_string(dropped()), "documents"},
              {"largest cluster", std::to_string(largest), "documents"}});
  if (compared > 0) {
    page.paragraph(fmt::format("{} pairs of candidates were compared as sets; {} were not alike.",
                               compared, refused));
  }
  if (sizes.empty()) return;
  page.chart(sizes_chart(sizes));
  page.begin_details("Examples");
  PageTable table;
  table.columns = {"cluster of", "kept", "dropped"};
  for (const auto& example : examples) {
    table.rows.push_back({std::to_string(example.size), example.kept, example.dropped});
    table.rows.push_back({"", example.kept_text, example.dropped_text});
  }
  page.table(table);
  page.end_details();
}

std::string shortened(const std::string& text, size_t most_characters) {
  std::string line;
  for (const auto byte : text) line += byte == '\n' || byte == '\t' ? ' ' : byte;
  const auto characters = static_cast<size_t>(count_characters(line));
  if (characters <= most_characters) return line;
  size_t end = 0;
  for (size_t seen = 0; seen <= most_characters; ++end) {
    if ((line[end] & 0xC0) != 0x80) ++seen;
  }
  return fmt::format("{}… ({} more characters)", line.substr(0, end - 1),
                     characters - most_characters);
}

}  // namespace reka::data
