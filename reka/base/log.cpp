#include "reka/base/log.h"

#include <atomic>
#include <mutex>

namespace reka {
namespace {

constexpr std::string_view kClearLine = "\r\033[K";

std::atomic<int> log_rank{0};
std::atomic<int> log_world{1};
std::mutex line_mutex;
std::string status_line;  // guarded by line_mutex

}  // namespace

void write_if_possible(std::FILE* sink, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), sink);
  std::fflush(sink);
}

void set_log_rank(int rank, int world) {
  log_rank = rank;
  log_world = world;
}

bool is_log_rank() {
  return log_rank == 0;
}

void detail::print_line(std::string_view kind, std::string_view text) {
  const auto prefix =
      log_world > 1 ? fmt::format("[{}/{}] ", log_rank.load(), log_world.load()) : std::string();
  const std::lock_guard lock(line_mutex);
  write_if_possible(stderr, fmt::format("{}{}{}{}\n{}", status_line.empty() ? "" : kClearLine,
                                        prefix, kind, text, status_line));
}

void detail::set_status_line(std::string text) {
  const std::lock_guard lock(line_mutex);
  write_if_possible(stderr, fmt::format("{}{}", kClearLine, text));
  status_line = std::move(text);
}

}  // namespace reka
