#include "train/checkpoint/reader.h"

#include <map>

#include <ATen/ATen.h>
#include <fmt/ranges.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/weights/checkpoint.h"
#include "reka/weights/safetensors.h"

namespace reka::train {
namespace {

/// The tensors of all files of a kind; each is asked for once.
class Tensors {
 public:
  Tensors(const std::filesystem::path& folder, const std::string& kind) : folder_(folder) {
    for (const auto& [name, hashes] : CheckpointManifest::load(folder).safetensors) {
      if (!name.starts_with(kind + "-")) continue;
      const auto file = std::make_shared<SafetensorsFile>(folder / name);
      for (const auto& [tensor, info] : file->tensors()) files_[tensor] = file;
    }
  }

  void read(const std::string& name, at::Tensor into) {
    const auto found = files_.extract(name);
    if (found.empty()) {
      throw CheckpointError("{}: {}: is absent: the model must be the one that was saved",
                            folder_.string(), name);
    }
    const auto& file = *found.mapped();
    const auto& info = file.info(name);
    const auto* wanted = into.scalar_type() == at::kFloat ? "F32" : "BF16";
    if (info.dtype != wanted || into.sizes() != info.shape) {
      throw CheckpointError("{}: {}: {} [{}]: must be {} [{}]", file.path().string(), name,
                            info.dtype, fmt::join(info.shape, ", "), wanted,
                            fmt::join(into.sizes(), ", "));
    }
    auto* bytes = const_cast<std::byte*>(file.bytes(name).data());  // only read
    into.copy_(at::from_blob(bytes, into.sizes(), at::TensorOptions(into.scalar_type())));
  }

  void expect_none_left() const {
    if (files_.empty()) return;
    throw CheckpointError("{}: {}: the model has no such weight: it must be the one that was saved",
                          folder_.string(), files_.begin()->first);
  }

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::shared_ptr<SafetensorsFile>> files_;
};

}  // namespace

TrainState load_checkpoint(const std::filesystem::path& folder, FlatParameters& parameters,
                           const std::vector<NamedParameter>& frozen) {
  const at::NoGradGuard no_grad;
  Tensors weights(folder, "model");
  Tensors moments(folder, "optimizer");
  for (auto& group : parameters.groups()) {
    for (const auto& slice : group.slices) {
      weights.read(slice.name, group.view(group.weight, slice));
      moments.read("first_moment." + slice.name, group.view(group.first_moment, slice));
      moments.read("second_moment." + slice.name, group.view(group.second_moment, slice));
    }
  }
  for (const auto& [name, leaf] : frozen) weights.read(name, leaf);
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
