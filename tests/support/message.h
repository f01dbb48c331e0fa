#pragma once

#include <string>

namespace reka::testing {

/// The message of the Error that `action` throws, or "" when it throws none.
template <typename Error>
std::string message_of(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace reka::testing
