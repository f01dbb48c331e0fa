#pragma once

#include <tuple>

#include <ATen/OpMathType.h>
#include <ATen/core/Tensor.h>

#include "reka/ops/layout.h"

// Every kernel exists once for each device, with the same signature. Kernels take contiguous
// tensors and know nothing of autograd; what they compute stands with the operation of the same
// name.
namespace reka::ops::cpu {
#include "reka/ops/kernels.inc"
}
namespace reka::ops::cuda {
#include "reka/ops/kernels.inc"
}
namespace reka::ops::meta {
#include "reka/ops/kernels.inc"
}
