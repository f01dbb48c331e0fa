#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace reka::data {

struct StopWordTable;  // of one language

/// Counts which frequent words of a language, and which of Gopher's eight English ones, a text has.
class StopWords {
 public:
  explicit StopWords(std::string_view language);

  void add(std::string_view word);
  int gopher() const { return std::popcount(gopher_); }
  int of_language() const { return std::popcount(language_); }
  bool known() const;  // whether there is a list for the language

 private:
  const StopWordTable& table_;
  uint32_t gopher_ = 0, language_ = 0;
};

}  // namespace reka::data
