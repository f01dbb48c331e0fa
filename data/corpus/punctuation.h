#pragma once

#include <cstdint>

namespace reka::data {

/// A mark that ends a sentence, in any script: datatrove's set of 159, close to Unicode's
/// Sentence_Terminal.
bool ends_sentence(int32_t character);

/// What datatrove takes for punctuation: such marks, ASCII's, quotes and brackets of several
/// scripts, control characters.
bool is_punctuation(int32_t character);

}  // namespace reka::data
