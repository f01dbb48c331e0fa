#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "data/shards/mirror.h"

namespace reka::data {

/// Fetches shards into the cache before they are needed, in a thread, in the order in which they
/// were named. What fails is tried again, and told, by the one who needs it.
class Fetcher {
 public:
  /// Nothing for a folder that is no mirror.
  static std::unique_ptr<Fetcher> open(const std::filesystem::path& folder);
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  void expect(const std::vector<ShardInfo>& shards);
  void wait();  // until all that was named is here or failed

 private:
  explicit Fetcher(std::unique_ptr<Mirror> mirror);
  void work();

  std::unique_ptr<Mirror> mirror_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::deque<ShardInfo> queue_;
  bool busy_ = false;
  std::thread thread_;
};

}  // namespace reka::data
