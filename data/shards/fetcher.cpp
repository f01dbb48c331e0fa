#include "data/shards/fetcher.h"

#include <algorithm>

#include "reka/base/error.h"

namespace reka::data {

std::unique_ptr<Fetcher> Fetcher::open(const std::filesystem::path& folder) {
  auto mirror = Mirror::open(folder);
  if (!mirror) return nullptr;
  return std::unique_ptr<Fetcher>(new Fetcher(std::move(mirror)));
}

Fetcher::Fetcher(std::unique_ptr<Mirror> mirror)
    : mirror_(std::move(mirror)), thread_([this] { work(); }) {}

Fetcher::~Fetcher() {
  stop_ = true;
  {
    const std::lock_guard lock(mutex_);
    queue_.clear();
  }
  changed_.notify_all();
  thread_.join();
}

void Fetcher::expect(const std::vector<ShardInfo>& shards) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& shard : shards)
      if (std::ranges::find(queue_, shard.file, &ShardInfo::file) == queue_.end())
        queue_.push_back(shard);
  }
  changed_.notify_all();
}

void Fetcher::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.empty() && !busy_; });
}

void Fetcher::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stop_ || !queue_.empty(); });
    if (stop_) return;
    const auto shard = queue_.front();
    queue_.pop_front();
    busy_ = true;
    lock.unlock();
    try {
      mirror_->whole(shard, &stop_);
    } catch (const DataError&) {
    }
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace reka::data
