#include "train/state.h"

#include <charconv>

#include "reka/base/hash.h"

namespace reka::train {

Json TrainState::to_json() const {
  return {{"step", step},
          {"tokens", tokens},
          {"updates", updates},
          {"skipped", skipped},

          {"order_hash", hex(order_hash)},
          {"loader", loader.to_json()}};
}

TrainState TrainState::from_json(const Json& json, const std::string& place) {
  TrainState state;
  state.step = json_value<int64_t>(json, "step", place);
  state.tokens = json_value<int64_t>(json, "tokens", place);
  state.updates = json_value<int64_t>(json, "updates", place);
  state.skipped = json_value<int64_t>(json, "skipped", place);
  const auto hash = json_value<std::string>(json, "order_hash", place);
  std::from_chars(hash.data(), hash.data() + hash.size(), state.order_hash, 16);
  state.loader =
      data::LoaderState::from_json(json_value<Json>(json, "loader", place), place + ": loader");
  return state;
}

}  // namespace reka::train
