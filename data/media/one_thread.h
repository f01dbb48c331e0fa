#pragma once

#include <ATen/Parallel.h>
#include <omp.h>

namespace reka::data {

/// While it lives the operations of this thread stay in it: the loader's threads are the
/// parallelism, or the model's would starve.
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
