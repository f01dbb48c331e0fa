#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace reka {

/// What stands before each error on stderr.
inline constexpr const char* kErrorMark = "reka: ";

/// What a user can correct: one line, `place: finding: expectation`. Only `main` catches it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A wrong command line or configuration, found before any work: exit code 2.
class ConfigError : public Error {
 public:
  template <typename... Args>
  explicit ConfigError(fmt::format_string<Args...> format, Args&&... args)
      : Error(fmt::format(format, std::forward<Args>(args)...)) {}
};

/// A missing, damaged or unsuitable data file or record: exit code 1.
class DataError : public Error {
 public:
  template <typename... Args>
  explicit DataError(fmt::format_string<Args...> format, Args&&... args)
      : Error(fmt::format(format, std::forward<Args>(args)...)) {}
};

/// A missing, damaged or unsuitable checkpoint: exit code 1.
class CheckpointError : public Error {
 public:
  template <typename... Args>
  explicit CheckpointError(fmt::format_string<Args...> format, Args&&... args)
      : Error(fmt::format(format, std::forward<Args>(args)...)) {}
};

}  // namespace reka
