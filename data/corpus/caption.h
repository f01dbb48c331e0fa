#pragma once

#include <string>
#include <string_view>

namespace reka::data {

/// A text that stands in a file of its own beside a medium, without the white space around it.
/// Throws DataError: what is wrong with it.
std::string caption_of_text(std::string_view bytes);

/// The text at `key` of a file that is a JSON object; "" without it. Throws DataError.
std::string caption_of_json(std::string_view bytes, std::string_view key);

}  // namespace reka::data
