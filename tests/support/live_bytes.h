#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include <c10/core/CPUAllocator.h>

namespace reka::testing {

/// While alive, counts the bytes of new tensors on the CPU.
class LiveBytes : public c10::Allocator {
 public:
  LiveBytes() : inner_(c10::GetCPUAllocator()) { c10::SetCPUAllocator(this, kPriority); }
  ~LiveBytes() override { c10::SetCPUAllocator(inner_, kPriority); }
  LiveBytes(const LiveBytes&) = delete;
  LiveBytes& operator=(const LiveBytes&) = delete;

  int64_t now() const { return *now_; }
  int64_t most() const { return most_; }

  c10::DataPtr allocate(size_t bytes) override {
    auto data = inner_->allocate(bytes);
    auto* address = data.get();
    most_ = std::max<int64_t>(most_, *now_ += static_cast<int64_t>(bytes));
    auto* piece = new Piece{std::move(data), now_, static_cast<int64_t>(bytes)};
    return {address, piece, release, c10::Device(c10::kCPU)};
  }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }

 private:
  static constexpr uint8_t kPriority = 255;
  using Count = std::shared_ptr<std::atomic<int64_t>>;  // a tensor may outlive this allocator
  struct Piece {
    c10::DataPtr data;
    Count count;
    int64_t bytes;
  };

  static void release(void* context) {
    auto* piece = static_cast<Piece*>(context);
    *piece->count -= piece->bytes;
    delete piece;
  }

  c10::Allocator* inner_;
  Count now_ = std::make_shared<std::atomic<int64_t>>(0);
  std::atomic<int64_t> most_ = 0;
};

}  // namespace reka::testing
