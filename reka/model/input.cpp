#include "reka/model/input.h"

#include "reka/ops/to_device.h"

namespace reka {

Input Input::to(const at::Device& device) const {
  auto moved = *this;
  moved.tokens = ops::to_device(tokens, device);
  moved.sequence.positions = ops::to_device(sequence.positions, device);
  for (auto& item : moved.media) item.values = ops::to_device(item.values, device);
  return moved;
}

Batch Batch::to(const at::Device& device) const {
  auto moved = *this;
  moved.input = input.to(device);
  moved.targets = ops::to_device(targets, device);
  moved.target_weight = ops::to_device(target_weight, device);
  return moved;
}

}  // namespace reka
