#include "train/checkpoint/reader.h"

#include <map>

#include <ATen/ATen.h>
#include <fmt/ranges.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/model/model_folder.h"

namespace reka::train {
namespace {

/// The tensors of all files of a kind; each is asked for once.
class Tensors {
 public:
  Tensors(const std::filesystem::path& folder, const std::string& kind)
      : folder_(folder), tensors_(read_tensors(folder, kind)) {}

  void read(const std::string& name, const at::Tensor& into) {
    const auto found = tensors_.extract(name);
    if (found.empty()) {
      throw CheckpointError("{}: {}: is absent: the model must be the one that was saved",
                            folder_.string(), name);
    }
    if (into.sizes() != found.mapped().sizes()) {
      throw CheckpointError("{}: {}: [{}]: must be [{}]", folder_.string(), name,
                            fmt::join(found.mapped().sizes(), ", "), fmt::join(into.sizes(), ", "));
    }
    into.copy_(found.mapped());
  }

  void expect_none_left() const {
    if (tensors_.empty()) return;
    throw CheckpointError("{}: {}: the model has no such weight: it must be the one that was saved",
                          folder_.string(), tensors_.begin()->first);
  }

 private:
  std::filesystem::path folder_;
  std::map<std::string, at::Tensor> tensors_;
};

}  // namespace

TrainState load_checkpoint(const std::filesystem::path& folder, FlatParameters& parameters,
                           const std::vector<FrozenParameter>& frozen) {
  const at::NoGradGuard no_grad;
  Tensors weights(folder, "model-");
  Tensors moments(folder, "optimizer-");
  for (auto& group : parameters.groups()) {
    for (const auto& slice : group.slices) {
      weights.read(slice.name, group.view(group.weight, slice));
      moments.read("first_moment." + slice.name, group.view(group.first_moment, slice));
      moments.read("second_moment." + slice.name, group.view(group.second_moment, slice));
    }
  }
  for (const auto& [name, leaf, master] : frozen) {
    weights.read(name, master);
    leaf.copy_(master);
  }
  weights.expect_none_left();
  moments.expect_none_left();
  parameters.refresh_copies();
  try {
    const auto path = folder / "state.json";
    return TrainState::from_json(parse_json(read_file(path), path.string()), path.string());
  } catch (const DataError& error) {
    throw CheckpointError("{}", error.what());
  }
}

}  // namespace reka::train
