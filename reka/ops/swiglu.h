#pragma once

#include <ATen/core/Tensor.h>

namespace reka::ops {

/// y = silu(gate) * up; gate_up [..., 2 * hidden] holds the gate, then up -> y [..., hidden].
/// Shazeer 2020, arXiv:2002.05202.
at::Tensor swiglu(const at::Tensor& gate_up);

}  // namespace reka::ops
