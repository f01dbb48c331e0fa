#pragma once

#include <ATen/Parallel.h>
#include <omp.h>

namespace reka::data {

/// While it lives the operations of this thread stay in it: the threads of a loader or a build are
/// the parallelism, or they and the model's would starve each other.
class OneThread {
 public:
  OneThread() {
    at::internal::lazy_init_num_threads();  // else LibTorch's own first call would undo it
    before_ = omp_get_max_threads();
    omp_set_num_threads(1);
  }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

}  // namespace reka::data
