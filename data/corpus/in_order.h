#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "data/media/one_thread.h"

namespace reka::data {

/// Calls work(0) ... work(count - 1) from `num_threads` threads and use(n, result) from the calling
/// thread in the order of n: what `use` does never depends on the threads. At most 2 x num_threads
/// results wait. The first exception, of either, ends it and is thrown.
template <typename Result>
class InOrder {
 public:
  using Work = std::function<Result(size_t)>;
  using Use = std::function<void(size_t, Result&&)>;

  InOrder(size_t count, size_t num_threads, Work work)
      : count_(count), window_(2 * num_threads), work_(std::move(work)) {
    for (size_t n = 0; n < num_threads; ++n) threads_.emplace_back([this] { run_worker(); });
  }

  ~InOrder() {
    stop();
    for (auto& thread : threads_) thread.join();
  }
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;

  void run(const Use& use) {
    for (size_t n = 0; n < count_; ++n) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return error_ != nullptr || results_.contains(n); });
      if (error_ != nullptr) std::rethrow_exception(error_);
      auto result = std::move(results_.extract(n).mapped());
      used_ = n + 1;
      lock.unlock();
      changed_.notify_all();
      use(n, std::move(result));
    }
  }

 private:
  void run_worker() {
    const OneThread one_thread;
    try {
      for (auto n = next(); n < count_; n = next()) {
        auto result = work_(n);
        const std::lock_guard lock(mutex_);
        results_.emplace(n, std::move(result));
        changed_.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (error_ == nullptr) error_ = std::current_exception();
      changed_.notify_all();
    }
  }

  // The next number to work on, when it is near enough to what is used; count_ at the end.
  size_t next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || error_ != nullptr || next_ < used_ + window_; });
    return stopped_ || error_ != nullptr || next_ == count_ ? count_ : next_++;
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

  size_t count_, window_;
  Work work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<size_t, Result> results_;
  size_t next_ = 0, used_ = 0;
  bool stopped_ = false;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

}  // namespace reka::data
