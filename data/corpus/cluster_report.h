#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "reka/base/json.h"
#include "reka/base/page.h"

namespace reka::data {

/// What a search for near duplicates found.
struct ClusterReport {
  struct Example {
    int64_t size = 0;  // of its cluster
    std::string kept;  // source and id
    std::string kept_text;
    std::string dropped;
    std::string dropped_text;
  };

  std::string method;                // "words of 5, 14 bands x 8 rows, ..."
  int64_t documents = 0;             // that were compared
  std::map<int64_t, int64_t> sizes;  // number of clusters by their size, from 2
  int64_t compared = 0;              // pairs whose sets were held against each other; 0: none were
  int64_t refused = 0;
  std::vector<Example> examples;

  int64_t clusters() const;
  int64_t dropped() const;  // all but the first of each cluster

  Json json() const;
  void show(const std::string& heading, Page& page) const;
};

/// The beginning of a text on one line, and how much follows.
std::string shortened(const std::string& text, size_t most_characters);

}  // namespace reka::data
