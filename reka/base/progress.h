#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace reka {

/// Where progress is shown and by which clock; the default is stderr and the steady clock.
struct ProgressDisplay {
  bool terminal = false;                       // a bar in place, instead of lines
  int columns = 80;                            // width of the terminal
  std::function<double()> seconds;             // a clock that never goes back
  std::function<void(std::string_view)> line;  // a line that stays
  std::function<void(std::string_view)> bar;   // the line drawn anew; "" takes it away

  static ProgressDisplay standard();
};

/// Shows how far a long work is: on a terminal a bar with rate and time left, else a line every
/// five seconds. Work that takes less than two seconds shows nothing, and so do ranks other than 0.
///
///   Progress progress("tokenize", documents.size(), "documents");
///   for (...) progress.advance();       // from any thread
class Progress {
 public:
  /// total 0: unknown. The unit "bytes" is shown as kB, MB...
  Progress(std::string name, int64_t total, std::string unit,
           ProgressDisplay display = ProgressDisplay::standard());
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(int64_t count = 1);
  /// What stands behind the figures, as it is then; before the first advance().
  void also(std::function<std::string()> text) { also_ = std::move(text); }
  void finish();  // the last line: what was done, its time and rate

 private:
  void show(double now);
  std::string amount(double value) const;
  std::string line(double elapsed) const;

  std::string name_, unit_;
  int64_t total_;
  ProgressDisplay display_;
  std::function<std::string()> also_;
  double start_;
  std::atomic<int64_t> done_{0};
  std::atomic<double> next_show_;
  std::mutex mutex_;  // of what is shown
  bool shown_ = false;
  bool finished_ = false;
};

}  // namespace reka
