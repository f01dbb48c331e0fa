#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace reka {

/// While it lives, says every few seconds that a work goes on which cannot tell how far it is.
class StillAtWork {
 public:
  explicit StillAtWork(std::string work);
  ~StillAtWork();
  StillAtWork(const StillAtWork&) = delete;
  StillAtWork& operator=(const StillAtWork&) = delete;

 private:
  void run();

  std::string work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;  // last: it uses all above
};

}  // namespace reka
