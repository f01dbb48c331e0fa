#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "reka/model/input.h"

namespace reka::data {

/// Makes items first, first + 1, ... in threads, at most `depth` ahead, and gives them out in
/// order. Without threads each is made when it is asked for. Destruction waits for items under way.
class Prefetcher {
 public:
  struct Config {
    int64_t first = 0;
    std::optional<int64_t> end;  // none: endless
    int64_t threads = 1;
    int64_t depth = 1;
  };

  Prefetcher(std::function<Batch(int64_t)> make, const Config& config);
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// Throws what `make` threw for this item, again each time it is asked for.
  Batch next();
  int64_t position() const { return next_; }  // items given out, counted from 0
  double seconds_waited() const { return seconds_waited_; }
  void stop();  // ends the threads; nothing more is made

 private:
  struct Made {
    Batch batch;
    std::exception_ptr error;
  };

  void work();
  Made make(int64_t item) const;

  std::function<Batch(int64_t)> make_;
  Config config_;
  int64_t next_;  // only the caller's thread changes it
  double seconds_waited_ = 0;
  std::mutex mutex_;  // of all below
  std::condition_variable made_changed_, room_changed_;
  std::map<int64_t, Made> made_;
  int64_t claimed_;  // items that a thread has taken on
  int64_t given_;    // next_, for the threads
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace reka::data
