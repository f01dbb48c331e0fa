#pragma once

#include "reka/base/config.h"

namespace reka {

// Limits of sizes in configurations: far above any real model, and so low that the bytes of all
// weights with their gradients and moments, about 2^61 with every size at its limit, are an
// int64.
inline const auto width_limit = between(1, 262144);
inline const auto hidden_limit = between(1, 1048576);
inline const auto layers_limit = between(1, 4096);
inline const auto heads_limit = between(1, 4096);
/// Soft tokens that one picture, frame or window of sound becomes.
inline const auto soft_tokens_limit = between(1, 65536);

}  // namespace reka
