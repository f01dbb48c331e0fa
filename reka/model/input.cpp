#include "reka/model/input.h"

namespace reka {

Input Input::to(const at::Device& device) const {
  auto moved = *this;
  moved.tokens = tokens.to(device, /*non_blocking=*/true);
  moved.sequence.positions = sequence.positions.to(device, /*non_blocking=*/true);
  for (auto& item : moved.media) item.values = item.values.to(device, /*non_blocking=*/true);
  return moved;
}

Batch Batch::to(const at::Device& device) const {
  auto moved = *this;
  moved.input = input.to(device);
  moved.targets = targets.to(device, /*non_blocking=*/true);
  moved.target_weight = target_weight.to(device, /*non_blocking=*/true);
  return moved;
}

}  // namespace reka
