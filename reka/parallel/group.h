#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "reka/parallel/launch.h"

namespace reka {

/// Processes that compute together: Gloo on the CPU, NCCL on GPUs (when built with CUDA).
/// A group of one process touches no network and its collectives do nothing.
///
/// Collectives run in the caller's thread, are called by all ranks in the same order, take
/// contiguous tensors (c10d corrupts strided ones silently) and check on every call that the ranks
/// agree on operation, length and type. A lost or late rank ends the call with an Error of one
/// line; the group is of no further use then. On GPUs a call ends when its work is queued: a rank
/// lost after the check ends the process through NCCL's watchdog.
class Group {
 public:
  /// The group of this process alone.
  static std::shared_ptr<Group> alone();

  /// Meets the other processes of `launch` at its address and port. Throws Error after `timeout`,
  /// which also bounds every collective.
  static std::shared_ptr<Group> connect(const Launch& launch, const at::Device& device,
                                        std::chrono::seconds timeout);

  ~Group();

  int64_t rank() const { return rank_; }
  int64_t size() const { return size_; }
  bool first() const { return rank_ == 0; }

  /// tensor [any] becomes the sum over ranks, bitwise equal on all of them.
  void sum(at::Tensor tensor);
  /// tensor [any] becomes that of `root`.
  void broadcast(at::Tensor tensor, int64_t root = 0);
  /// tensor [any] -> [size, any], in the order of ranks.
  at::Tensor gather(const at::Tensor& tensor);
  /// Every rank's text, in the order of ranks.
  std::vector<std::string> gather_texts(const std::string& text);
  /// The first rank's text on all ranks.
  std::string share(const std::string& text);
  /// Whether any rank says so.
  bool any(bool mine);

 private:
  struct Backends;
  enum class Operation : int64_t;

  Group();
  void agree(Operation operation, const at::Tensor& tensor);

  int64_t rank_ = 0;
  int64_t size_ = 1;
  std::unique_ptr<Backends> backends_;  // null for a group of one
};

}  // namespace reka
