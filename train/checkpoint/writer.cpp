#include "train/checkpoint/writer.h"

#include <utility>

#include <ATen/ATen.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/log.h"
#include "reka/weights/checkpoint.h"
#include "reka/weights/safetensors.h"
#include "train/checkpoint/shards.h"

namespace reka::train {
namespace {

std::string_view safetensors_dtype(at::ScalarType dtype) {
  if (dtype == at::kFloat) return "F32";
  TORCH_CHECK(dtype == at::kBFloat16, "checkpoint: dtype ", dtype, " is not float or bfloat16");
  return "BF16";
}

TensorBytes tensor_bytes(std::string name, const at::Tensor& tensor) {
  return {std::move(name),
          std::string(safetensors_dtype(tensor.scalar_type())),
          tensor.sizes().vec(),
          {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()}};
}

/// Writes KIND-00001-of-00002.safetensors ... and notes the hashes.
void write_shards(const std::filesystem::path& folder, std::string_view kind,
                  std::vector<TensorBytes> tensors, int64_t shard_bytes,
                  CheckpointManifest& manifest) {
  const auto shards = cut_in_files(std::move(tensors), shard_bytes, [](const TensorBytes& tensor) {
    return static_cast<int64_t>(tensor.bytes.size());
  });
  for (size_t i = 0; i < shards.size(); ++i) {
    const auto name = fmt::format("{}-{:05}-of-{:05}.safetensors", kind, i + 1, shards.size());
    write_safetensors(folder / name, shards[i]);
    auto& entry = manifest.safetensors[name];
    entry.header = hex(xxh3_64(SafetensorsFile(folder / name).header()));
    for (const auto& tensor : shards[i]) entry.tensors[tensor.name] = hex(xxh3_64(tensor.bytes));
  }
}

void copy_to(at::Tensor& copy, const at::Tensor& from) {
  if (!copy.defined()) {
    // From a GPU only pinned memory is copied to at full speed.
    copy = at::empty(from.sizes(), from.options().device(at::kCPU).pinned_memory(from.is_cuda()));
  }
  copy.copy_(from);
}

}  // namespace

/// The state of one step, on the host.
struct CheckpointWriter::Snapshot {
  TrainState state;
  std::vector<ParameterGroup> groups;  // weight and moments are copies
  std::vector<FrozenParameter> frozen;

  void take(const TrainState& now, const FlatParameters& parameters,
            const std::vector<FrozenParameter>& others) {
    const at::NoGradGuard no_grad;
    state = now;
    groups.resize(parameters.groups().size());
    for (size_t i = 0; i < groups.size(); ++i) {
      const auto& from = parameters.groups()[i];
      groups[i].slices = from.slices;
      copy_to(groups[i].weight, from.weight);
      copy_to(groups[i].first_moment, from.first_moment);
      copy_to(groups[i].second_moment, from.second_moment);
    }
    frozen = others;
  }

  std::vector<TensorBytes> weights() const {
    std::vector<TensorBytes> tensors;
    for (const auto& group : groups) {
      for (const auto& slice : group.slices) {
        tensors.push_back(tensor_bytes(slice.name, group.view(group.weight, slice)));
      }
    }
    for (const auto& [name, leaf, master] : frozen) tensors.push_back(tensor_bytes(name, master));
    return tensors;
  }

  std::vector<TensorBytes> moments() const {
    std::vector<TensorBytes> tensors;
    for (const auto& group : groups) {
      for (const auto& slice : group.slices) {
        tensors.push_back(
            tensor_bytes("first_moment." + slice.name, group.view(group.first_moment, slice)));
        tensors.push_back(
            tensor_bytes("second_moment." + slice.name, group.view(group.second_moment, slice)));
      }
    }
    return tensors;
  }
};

CheckpointWriter::CheckpointWriter(CheckpointOptions options)
    : options_(std::move(options)), snapshot_(std::make_unique<Snapshot>()) {
  if (!std::filesystem::exists(options_.folder)) return;
  if (!std::filesystem::is_directory(options_.folder))
    throw CheckpointError("{}: is a file: must be a folder, or absent", options_.folder.string());
  for (const auto& place : list_checkpoints(options_.folder)) {
    if (place.step > options_.resumed_step) refused_.insert(place.step);
  }
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder)) {
    if (is_temporary(entry.path())) std::filesystem::remove_all(entry.path());
  }
}

CheckpointWriter::~CheckpointWriter() {
  if (thread_.joinable()) thread_.join();
}

std::optional<std::string> CheckpointWriter::save(const TrainState& state,
                                                  const FlatParameters& parameters,
                                                  const std::vector<FrozenParameter>& frozen) {
  auto before = wait();
  snapshot_->take(state, parameters, frozen);
  writing_ = true;
  thread_ = std::thread([this] {
    try {
      write(*snapshot_);
    } catch (const std::exception& error) {
      error_ = error.what();
    }
    writing_ = false;
  });
  return before;
}

std::optional<std::string> CheckpointWriter::take_error() {
  if (writing_) return std::nullopt;
  return wait();
}

void CheckpointWriter::finish() {
  if (const auto error = wait()) throw CheckpointError("{}", *error);
}

std::optional<std::string> CheckpointWriter::wait() {
  if (thread_.joinable()) thread_.join();
  return std::exchange(error_, std::nullopt);
}

void CheckpointWriter::write(const Snapshot& snapshot) {
  AtomicFolder folder(options_.folder / fmt::format("step-{}", snapshot.state.step));
  CheckpointManifest manifest = {.step = snapshot.state.step};
  write_shards(folder.path(), "model", snapshot.weights(), options_.shard_bytes, manifest);
  write_shards(folder.path(), "optimizer", snapshot.moments(), options_.shard_bytes, manifest);
  auto files = options_.files;
  files["state.json"] = dump_json(snapshot.state.to_json(), 1);
  for (const auto& [name, content] : files) {
    write_file_atomic(folder.path() / name, content);
    manifest.files[name] = hex(xxh3_64(content));
  }
  manifest.save(folder.path());
  folder.commit();
  refused_.erase(snapshot.state.step);
  remove_old(snapshot.state.step);
}

void CheckpointWriter::remove_old(int64_t newest) const {
  int64_t kept = 0;
  for (const auto& place : list_checkpoints(options_.folder)) {
    if (place.step > newest) continue;  // refused, and not yet written again
    const bool milestone = options_.keep_every > 0 && place.step % options_.keep_every == 0;
    if (kept >= options_.keep && !milestone) std::filesystem::remove_all(place.path);
    if (!refused_.contains(place.step)) ++kept;
  }
}

void warn_of_save(const std::optional<std::string>& error) {
  if (error) warn("{}: training goes on, and the next save is tried", *error);
}

}  // namespace reka::train
