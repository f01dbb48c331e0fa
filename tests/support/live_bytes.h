#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>

#include <c10/core/CPUAllocator.h>

namespace reka::testing {

/// While alive, counts the bytes of new tensors on the CPU.
class LiveBytes : public c10::Allocator {
 public:
  LiveBytes() : inner_(c10::GetCPUAllocator()) { c10::SetCPUAllocator(this, kPriority); }
  ~LiveBytes() override { c10::SetCPUAllocator(inner_, kPriority); }
  LiveBytes(const LiveBytes&) = delete;
  LiveBytes& operator=(const LiveBytes&) = delete;

  int64_t now() const { return total_ - before_; }
  int64_t most() const { return most_ - before_; }

  c10::DataPtr allocate(size_t bytes) override {
    const auto whole = (bytes + 2 * kRoom - 1) / kRoom * kRoom;
    auto* base = static_cast<std::byte*>(std::aligned_alloc(kRoom, whole));
    *reinterpret_cast<int64_t*>(base) = static_cast<int64_t>(bytes);
    most_ = std::max<int64_t>(most_, total_ += static_cast<int64_t>(bytes));
    auto* data = base + kRoom;
    return {data, data, release, c10::Device(c10::kCPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return release; }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }

 private:
  static constexpr uint8_t kPriority = 255;
  static constexpr size_t kRoom = 64;  // before the data, for their size; also their alignment

  static void release(void* data) {
    auto* base = static_cast<std::byte*>(data) - kRoom;
    total_ -= *reinterpret_cast<const int64_t*>(base);
    std::free(base);
  }

  static inline std::atomic<int64_t> total_ = 0;  // a tensor may outlive its allocator
  c10::Allocator* inner_;
  const int64_t before_ = total_;
  std::atomic<int64_t> most_ = before_;
};

}  // namespace reka::testing
