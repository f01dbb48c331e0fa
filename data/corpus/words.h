#pragma once

#include <string_view>
#include <vector>

namespace reka::data {

/// The words of a text: the segments between word boundaries (Unicode annex 29 as ICU has it) that
/// do not begin with white space. Scripts written without spaces are cut by ICU's dictionaries;
/// punctuation and symbols are words of their own, equal ones in a row one word ("...", "---").
/// Replaces what `words` holds; the views are into `text`, which is UTF-8.
void split_words(std::string_view text, std::vector<std::string_view>& words);

/// The same from ICU's iterator alone: what split_words is held against.
void split_words_by_icu(std::string_view text, std::vector<std::string_view>& words);

}  // namespace reka::data
