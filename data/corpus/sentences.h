#pragma once

#include <cstdint>
#include <string_view>

namespace reka::data {

/// How many sentences a line has, by the sentence boundaries of Unicode annex 29; none in "".
int64_t count_sentences(std::string_view line);

/// The same from ICU's iterator: what count_sentences is held against.
int64_t count_sentences_by_icu(std::string_view line);

}  // namespace reka::data
