#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reka::data {

/// The title and the text of block elements of a web page, without navigation, scripts and
/// controls. `page` is UTF-8. Throws DataError: what is wrong with it.
std::vector<std::string> html_blocks(std::string_view page);

}  // namespace reka::data
