#pragma once

namespace reka::ops::cpu {

/// Whether this processor multiplies bfloat16 matrices; others do it many times slower than fp32.
bool multiplies_bfloat16();

}  // namespace reka::ops::cpu
