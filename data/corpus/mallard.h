#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reka::data {

/// The titles, paragraphs, items, table cells and screens of a Mallard page (projectmallard.org),
/// in their order. Throws DataError: what is wrong with it.
std::vector<std::string> mallard_blocks(std::string_view page);

}  // namespace reka::data
