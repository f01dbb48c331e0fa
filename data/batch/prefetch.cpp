#include "data/batch/prefetch.h"

#include <chrono>
#include <utility>

#include <c10/util/Exception.h>
#include <pthread.h>
#include <sched.h>

#include "data/media/one_thread.h"

namespace reka::data {

Prefetcher::Prefetcher(std::function<Batch(int64_t)> make, const Config& config)
    : make_(std::move(make)),
      config_(config),
      next_(config.first),
      claimed_(config.first),
      given_(config.first) {
  for (int64_t i = 0; i < config.threads; ++i) threads_.emplace_back([this] { work(); });
}

Prefetcher::~Prefetcher() {
  stop();
}

void Prefetcher::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  room_changed_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

Prefetcher::Made Prefetcher::make(int64_t item) const {
  try {
    return {make_(item), nullptr};
  } catch (...) {
    return {{}, std::current_exception()};
  }
}

void Prefetcher::work() {
  const OneThread one_thread;
  // A thread that wakes does not push the one that trains off its core.
  const sched_param none{};
  pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
  std::unique_lock lock(mutex_);
  while (true) {
    room_changed_.wait(lock, [this] { return stop_ || claimed_ < given_ + config_.depth; });
    if (stop_ || (config_.end && claimed_ >= *config_.end)) return;
    const auto item = claimed_++;
    lock.unlock();
    auto made = make(item);
    lock.lock();
    made_.emplace(item, std::move(made));
    made_changed_.notify_all();
  }
}

Batch Prefetcher::next() {
  TORCH_CHECK(!config_.end || next_ < *config_.end, "prefetch: nothing after item ", next_ - 1);
  const auto begin = std::chrono::steady_clock::now();
  Made made;
  if (threads_.empty()) {
    made = make(next_);
  } else {
    std::unique_lock lock(mutex_);
    made_changed_.wait(lock, [this] { return made_.contains(next_); });
    if (made_.at(next_).error) std::rethrow_exception(made_.at(next_).error);
    made = std::move(made_.extract(next_).mapped());
    given_ = next_ + 1;
  }
  seconds_waited_ +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  room_changed_.notify_all();
  if (made.error) std::rethrow_exception(made.error);
  ++next_;
  return std::move(made.batch);
}

}  // namespace reka::data
