#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reka/base/json.h"
#include "reka/base/page.h"

namespace reka::data {

/// What a search for repeated runs of words found.
struct SubstringReport {
  struct Counts {
    int64_t documents = 0;  // of which something was taken out
    int64_t dropped = 0;    // of these, those of which too little was left
    int64_t runs = 0;
    int64_t words = 0;
    int64_t bytes = 0;  // of text, with the white space beside the runs

    Counts& operator+=(const Counts& other);
  };
  struct Example {
    int64_t words = 0;
    int64_t copies = 0;  // behind the first; 0: not counted
    std::string first;   // source and id
    std::string later;
    std::string text;
  };

  std::string method;     // "runs of at least 50 words, the first copy stays"
  int64_t documents = 0;  // that were compared: of at least min_words words
  int64_t words = 0;      // of these
  int64_t repeated = 0;   // different runs of min_words that come again
  std::map<std::pair<std::string, std::string>, Counts> cells;  // by source and language
  std::vector<Example> longest, most_frequent;

  Counts total() const;
  Json json() const;
  void show(Page& page) const;
};

}  // namespace reka::data
