#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace reka {

/// Writes and flushes the text. What a full disk or a closed pipe does not take is lost: no line is
/// worth the end of the program.
void write_if_possible(std::FILE* sink, std::string_view text);

/// Called once by programs of several processes: only rank 0 prints info, lines name the rank.
void set_log_rank(int rank, int world);
bool is_log_rank();  // whether this process is rank 0

namespace detail {
void print_line(std::string_view kind, std::string_view text);

/// The line under the cursor of a terminal, drawn again after each log line; "" removes it.
void set_status_line(std::string text);
}  // namespace detail

/// A line on stderr, whole even when several threads write. Results go to stdout, not here.
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (is_log_rank()) detail::print_line("", fmt::format(format, std::forward<Args>(args)...));
}

/// As info, from every rank: `warning: place: finding: what was done about it`.
template <typename... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  detail::print_line("warning: ", fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace reka
