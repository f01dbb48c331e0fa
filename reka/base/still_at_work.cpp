#include "reka/base/still_at_work.h"

#include <chrono>
#include <utility>

#include "reka/base/log.h"

namespace reka {

StillAtWork::StillAtWork(std::string work) : work_(std::move(work)), thread_([this] { run(); }) {}

StillAtWork::~StillAtWork() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void StillAtWork::run() {
  constexpr std::chrono::seconds kEvery(5);
  std::unique_lock lock(mutex_);
  for (auto time = kEvery; !changed_.wait_for(lock, kEvery, [this] { return done_; });
       time += kEvery)
    info("{}: {} s so far", work_, time.count());
}

}  // namespace reka
