#include "reka/base/progress.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "reka/base/log.h"
#include "reka/base/quantity.h"

namespace reka {
namespace {

constexpr double kSilentSeconds = 2.0;
constexpr double kLineSeconds = 5.0;
constexpr double kBarSeconds = 0.1;
constexpr int kMaxBar = 40;

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

/// `done` of `width` cells, in eighths of a cell.
std::string bar(double done, int width) {
  constexpr std::string_view kEighths[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = static_cast<int>(std::clamp(done, 0.0, 1.0) * width * 8);
  std::string cells;
  for (int n = 0; n < width; ++n)
    cells += n < eighths / 8 ? "█" : n == eighths / 8 ? kEighths[eighths % 8] : " ";
  return cells;
}

}  // namespace

ProgressDisplay ProgressDisplay::standard() {
  ProgressDisplay display;
  display.terminal = ::isatty(STDERR_FILENO) != 0;
  display.columns = terminal_columns();
  display.seconds = steady_seconds;
  display.line = [](std::string_view text) { info("{}", text); };
  display.bar = [](std::string_view text) { detail::set_status_line(std::string(text)); };
  return display;
}

Progress::Progress(std::string name, int64_t total, std::string unit, ProgressDisplay display)
    : name_(std::move(name)),
      unit_(std::move(unit)),
      total_(total),
      display_(std::move(display)),
      start_(display_.seconds()),
      next_show_(is_log_rank() ? start_ + kSilentSeconds
                               : std::numeric_limits<double>::infinity()) {}

void Progress::advance(int64_t count) {
  done_ += count;
  if (const auto now = display_.seconds(); now >= next_show_) show(now);
}

void Progress::show(double now) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || now < next_show_ || finished_) return;  // another thread shows it
  next_show_ = now + (display_.terminal ? kBarSeconds : kLineSeconds);
  shown_ = true;
  const auto& write = display_.terminal ? display_.bar : display_.line;
  write(line(now - start_));
}

void Progress::finish() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(finished_, true) || !is_log_rank()) return;
  const auto elapsed = display_.seconds() - start_;
  if (display_.terminal && shown_) display_.bar("");
  if (elapsed < kSilentSeconds) return;
  const auto done = static_cast<double>(done_);
  display_.line(fmt::format("{}: {} in {}, {}/s", name_, amount(done), seconds_text(elapsed),
                            amount(done / elapsed)));
}

std::string Progress::amount(double value) const {
  return unit_ == "bytes" ? bytes_text(value) : fmt::format("{} {}", count_text(value), unit_);
}

std::string Progress::line(double elapsed) const {
  const auto done = static_cast<double>(done_);
  const auto rate = done / elapsed;
  const auto also = also_ ? ", " + also_() : "";
  if (total_ <= 0) return fmt::format("{}: {}, {}/s{}", name_, amount(done), amount(rate), also);
  const auto part = std::min(done / static_cast<double>(total_), 1.0);
  const auto left = rate > 0 ? seconds_text((static_cast<double>(total_) - done) / rate) : "?";
  const auto figures = fmt::format(
      "{:3.0f}% {} of {}, {}/s, {} left{}", std::floor(100 * part),
      unit_ == "bytes" ? bytes_text(done) : count_text(done), amount(static_cast<double>(total_)),
      unit_ == "bytes" ? bytes_text(rate) : count_text(rate), left, also);
  if (!display_.terminal) return fmt::format("{}: {}", name_, figures);
  const auto room = display_.columns - static_cast<int>(name_.size() + figures.size()) - 6;
  if (room < 4) return fmt::format("{}: {}", name_, figures).substr(0, size_t(display_.columns));
  return fmt::format("{} ▕{}▏ {}", name_, bar(part, std::min(room, kMaxBar)), figures);
}

}  // namespace reka
