#pragma once

#include <string>

namespace reka::commands {

/// Draws an encoded picture on the terminal in half blocks of 24-bit colour, at most `columns`
/// wide. `name` stands in the DataError of a picture that cannot be decoded.
void show_picture(const std::string& bytes, const std::string& name, int columns = 32);

}  // namespace reka::commands
