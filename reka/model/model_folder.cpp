#include "reka/model/model_folder.h"

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/json.h"
#include "reka/base/log.h"
#include "reka/base/reader.h"
#include "reka/model/llama.h"
#include "reka/weights/checkpoint.h"
#include "reka/weights/safetensors.h"

namespace reka {
namespace {

namespace fs = std::filesystem;

at::ScalarType scalar_type(const std::string& dtype, const std::string& place) {
  if (dtype == "F32") return at::kFloat;
  if (dtype == "BF16") return at::kBFloat16;
  if (dtype == "F16") return at::kHalf;
  throw CheckpointError("{}: dtype = {}: must be F32, BF16 or F16", place, dtype);
}

// A view into the mapped file, which stays mapped as long as the view lives.
at::Tensor mapped(const std::shared_ptr<const SafetensorsFile>& file, const std::string& name) {
  const auto& info = file->info(name);
  const auto dtype = scalar_type(info.dtype, file->path().string() + ": " + name);
  auto* data = const_cast<std::byte*>(file->bytes(name).data());  // never written to
  return at::from_blob(
      data, info.shape, [file](void*) {}, at::TensorOptions(dtype));
}

void add_whole(std::map<std::string, StoredTensor>& stored,
               const std::map<std::string, at::Tensor>& tensors) {
  for (const auto& [name, tensor] : tensors) stored[name].parts.push_back(tensor);
}

// The mapping `model` of a resolved config.yaml.
ModelConfig read_model_config(const fs::path& file) {
  ConfigErrors errors;
  auto tree = read_yaml(file, errors);
  ModelConfig config;
  auto* node = tree.find("model");
  if (node == nullptr) throw CheckpointError("{}: model: must be given", file.string());
  read_config(*node, struct_value(config), errors);
  errors.throw_if_any();
  return config;
}

ModelFolder open_checkpoint(const fs::path& path) {
  ModelFolder folder{.path = path,
                     .config = read_model_config(path / "config.yaml"),
                     .tokenizer = path / "tokenizer.model"};
  add_whole(folder.tensors, read_tensors(path, "model"));
  folder.origin = path.string();
  return folder;
}

// Whether the folder has a part of ours, which is then as its hashes say.
bool has_own_part(const fs::path& path) {
  const auto manifest = path / "reka" / CheckpointManifest::kFileName;
  if (fs::exists(manifest)) {
    CheckpointManifest::load(path / "reka").verify(path, CheckpointUse::kModel);
    return true;
  }
  if (!fs::exists(path / "reka" / "config.yaml")) return false;
  warn("{}: is absent: damage to the weights is not seen: export anew", manifest.string());
  return true;
}

// Other programs read config.json, this one reka/config.yaml: both say the same.
void expect_same_decoder(const DecoderConfig& theirs, const DecoderConfig& ours,
                         const std::string& place, const fs::path& own) {
  struct Key {
    const char* name;
    const char* our_name;
    double value, our_value;
  };
  const auto keys = std::to_array<Key>({
      {"hidden_size", "dim", double(theirs.dim), double(ours.dim)},
      {"num_hidden_layers", "num_layers", double(theirs.num_layers), double(ours.num_layers)},
      {"num_attention_heads", "num_heads", double(theirs.num_heads), double(ours.num_heads)},
      {"num_key_value_heads", "num_kv_heads", double(theirs.num_kv_heads),
       double(ours.num_kv_heads)},
      {"head_dim", "head_dim", double(theirs.head_size()), double(ours.head_size())},
      {"intermediate_size", "hidden", double(theirs.hidden), double(ours.hidden)},
      {"max_position_embeddings", "context", double(theirs.context), double(ours.context)},
      {"rms_norm_eps", "norm_eps", theirs.norm_eps, ours.norm_eps},
      {"rope_theta", "rope_theta", theirs.rope_theta, ours.rope_theta},
      {"rope_scaling", "rope_scaling", theirs.rope_scaling, ours.rope_scaling},
      {"tie_word_embeddings", "tied_head", double(theirs.tied_head), double(ours.tied_head)},
  });
  for (const auto& key : keys) {
    if (key.value == key.our_value) continue;
    throw CheckpointError("{}: {} = {}: must be {}, as model.decoder.{} in {}", place, key.name,
                          key.value, key.our_value, key.our_name, own.string());
  }
}

// `json` against the weights beside it, before anything of its sizes is made.
void expect_same_sizes(const Json& json, const DecoderConfig& decoder,
                       const std::map<std::string, at::Tensor>& tensors, const std::string& place) {
  const auto most = static_cast<int64_t>(tensors.size());  // a layer has at least one
  if (decoder.num_layers > most) {
    throw CheckpointError(
        "{}: num_hidden_layers = {}: must be at most {}, the tensors of its files", place,
        decoder.num_layers, most);
  }
  const auto embedding = tensors.find(kLlamaEmbedding);
  if (!json.contains("vocab_size") || embedding == tensors.end()) return;
  const auto vocab = json_value<int64_t>(json, "vocab_size", place);
  const auto shape = embedding->second.sizes();
  if (shape.empty() || shape[0] == vocab) return;
  throw CheckpointError("{}: vocab_size = {}: must be {}, the rows of {}", place, vocab, shape[0],
                        kLlamaEmbedding);
}

// Our part of an exported folder: the configuration, encoders and fusion.
void open_own_part(const Json& json, const std::string& place, ModelFolder& folder) {
  const auto decoder = decoder_from_llama(json, place);
  if (!has_own_part(folder.path)) {
    if (json.contains(kOwnFolderKey)) {
      throw CheckpointError("{}: is absent: must stand beside config.json, whose {} names it",
                            (folder.path / "reka").string(), kOwnFolderKey);
    }
    folder.config.decoder = decoder;
    return;
  }
  const auto own = folder.path / "reka" / "config.yaml";
  folder.config = read_model_config(own);
  expect_same_decoder(decoder, folder.config.decoder, place, own);
  if (folder.config.image || folder.config.audio) {
    add_whole(folder.tensors, read_tensors(folder.path / "reka", "model"));
  }
}

ModelFolder open_llama(const fs::path& path) {
  const auto place = (path / "config.json").string();
  ModelFolder folder{.path = path, .tokenizer = path / "tokenizer.model"};
  const auto json = parse_json(read_file(place), place);
  open_own_part(json, place, folder);
  auto tensors = read_tensors(path, "model");
  expect_same_sizes(json, folder.config.decoder, tensors, place);
  const auto embedding = tensors.find(kLlamaEmbedding);
  const auto has_rows = embedding != tensors.end() && embedding->second.dim() > 0;
  const auto vocab = has_rows ? embedding->second.size(0) : 0;
  for (const auto& tensor : llama_tensors(folder.config.decoder, vocab)) {
    const auto found = tensors.find(tensor.name);
    if (found == tensors.end()) continue;  // load_tensors names what is missing
    if (found->second.sizes() != at::IntArrayRef(tensor.shape)) {
      throw CheckpointError("{}: {} is [{}] and must be [{}]", path.string(), tensor.name,
                            fmt::join(found->second.sizes(), ", "), fmt::join(tensor.shape, ", "));
    }
    folder.tensors[tensor.ours].parts.push_back(found->second);
    tensors.erase(found);
  }
  add_whole(folder.tensors, tensors);  // too many: under their own names
  folder.origin = path.string();
  return folder;
}

}  // namespace

std::map<std::string, at::Tensor> read_tensors(const fs::path& folder, std::string_view prefix) {
  std::map<std::string, at::Tensor> tensors;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with(prefix) || entry.path().extension() != ".safetensors") continue;
    const auto file = std::make_shared<const SafetensorsFile>(entry.path());
    for (const auto& [key, info] : file->tensors()) {
      if (!tensors.emplace(key, mapped(file, key)).second) {
        throw CheckpointError("{}: {}: is also in another file", entry.path().string(), key);
      }
    }
  }
  if (tensors.empty()) {
    throw CheckpointError("{}: no {}*.safetensors: must hold weights", folder.string(), prefix);
  }
  return tensors;
}

std::vector<int64_t> StoredTensor::shape() const {
  auto shape = parts.front().sizes().vec();
  for (size_t i = 1; i < parts.size(); ++i) shape[0] += parts[i].size(0);
  return shape;
}

at::Tensor StoredTensor::rows(int64_t begin, int64_t count) const {
  std::vector<at::Tensor> found;
  for (const auto& part : parts) {
    const auto first = std::clamp<int64_t>(begin, 0, part.size(0));
    const auto last = std::clamp<int64_t>(begin + count, 0, part.size(0));
    if (first < last) found.push_back(part.slice(0, first, last));
    begin -= part.size(0);
  }
  return found.size() == 1 ? found.front() : at::cat(found);
}

int64_t ModelFolder::vocab_size() const {
  const auto found = tensors.find("decoder.embedding.weight");
  if (found == tensors.end()) {
    throw CheckpointError("{}: decoder.embedding.weight: is missing", path.string());
  }
  return found->second.shape()[0];
}

ModelFolder open_model(const fs::path& path) {
  if (!fs::exists(path)) {
    throw CheckpointError("{}: is absent: must be a run, a checkpoint or an exported folder",
                          path.string());
  }
  if (const auto newest = newest_of_run(path, CheckpointUse::kModel); newest != path) {
    return open_checkpoint(newest);
  }
  if (fs::exists(path / CheckpointManifest::kFileName)) {
    CheckpointManifest::load(path).verify(path, CheckpointUse::kModel);
    return open_checkpoint(path);
  }
  if (fs::exists(path / "config.json")) return open_llama(path);
  throw CheckpointError(
      "{}: holds no checkpoints, manifest.json or config.json: must be a run, a "
      "checkpoint or an exported folder",
      path.string());
}

void load_tensors(torch::nn::Module& module, const std::map<std::string, StoredTensor>& tensors,
                  const std::string& place) {
  const at::NoGradGuard no_grad;
  std::vector<std::string> wrong;
  std::set<std::string> used;
  for (auto& item : module.named_parameters()) {
    const auto found = tensors.find(item.key());
    used.insert(item.key());
    if (found == tensors.end()) {
      wrong.push_back(item.key() + " is missing");
      continue;
    }
    auto& parameter = item.value();
    if (const auto shape = found->second.shape(); shape != parameter.sizes()) {
      wrong.push_back(fmt::format("{} is [{}] and must be [{}]", item.key(), fmt::join(shape, ", "),
                                  fmt::join(parameter.sizes(), ", ")));
      continue;
    }
    int64_t row = 0;
    for (const auto& part : found->second.parts) {
      parameter.narrow(0, row, part.size(0)).copy_(part);
      row += part.size(0);
    }
  }
  for (const auto& [name, tensor] : tensors) {
    if (!used.contains(name)) wrong.push_back(name + " is none of the model's");
  }
  if (!wrong.empty()) throw CheckpointError("{}: {}", place, fmt::join(wrong, "; "));
}

Model load_model(const ModelFolder& folder, const at::Device& device, at::ScalarType precision) {
  const BuildOn build({.device = device, .precision = precision, .fill = false});
  Model model(folder.config, folder.vocab_size());
  load_tensors(*model, folder.tensors, folder.path.string());
  return model;
}

}  // namespace reka
