#include "reka/ops/kernels.h"

// Linked in place of the CUDA kernels by a build without them.
namespace reka::ops::cuda {
namespace {

[[noreturn]] void absent(const char* name) {
  TORCH_CHECK(false, name, ": this build has no CUDA kernels: configure with -DREKA_CUDA=ON");
}

}  // namespace

Pair rms_norm(const Tensor&, const Tensor&, double) {
  absent("rms_norm");
}
Pair rms_norm_backward(const Tensor&, const Tensor&, const Tensor&, const Tensor&) {
  absent("rms_norm");
}
Tensor rope(const Tensor&, const Tensor&, const Tensor&, int64_t, bool) {
  absent("rope");
}
Tensor swiglu(const Tensor&) {
  absent("swiglu");
}
Tensor swiglu_backward(const Tensor&, const Tensor&) {
  absent("swiglu");
}
Pair attention(const Tensor&, const Tensor&, const Tensor&, const AttentionLayout&) {
  absent("attention");
}
void attention_backward(const AttentionGrad&, const AttentionLayout&) {
  absent("attention");
}
Tensor cross_entropy(const Tensor&, const Tensor&, const Tensor&, bool) {
  absent("cross_entropy");
}
Tensor embedding_backward(const Tensor&, const Tensor&, int64_t) {
  absent("embedding");
}

}  // namespace reka::ops::cuda
