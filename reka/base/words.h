#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace reka {

/// "a, b, c"
std::string join_words(std::span<const std::string> words, std::string_view separator = ", ");

/// Letters, digits, - and _ alone: fit for a key of a config and for the name of a file.
bool is_plain_name(std::string_view name);

/// Insertions, deletions, replacements and swaps of neighbours between two words.
size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate most like `word`, or "" when none is near enough to have been meant.
std::string nearest_word(std::string_view word, std::span<const std::string> candidates);

/// `; did you mean "..."?`, or "".
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace reka
