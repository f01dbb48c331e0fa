#include "train/export/export.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/reader.h"
#include "reka/model/llama.h"
#include "reka/weights/checkpoint.h"
#include "reka/weights/safetensors.h"
#include "train/checkpoint/shards.h"
#include "train/export/llama_files.h"

namespace reka::train {
namespace {

namespace fs = std::filesystem;

constexpr int kIndent = 2;
constexpr auto kOwn = "reka";                    // the part that only this program reads
constexpr auto kOwnConfig = "reka/config.yaml";  // no other program writes it
constexpr auto kTokenizer = "tokenizer.model";

struct ModelSection {  // reka/config.yaml has the key `model`, as the config of a run
  ModelConfig model;
  void describe(auto& field) { field("model", model, "the model of this folder"); }
};

/// A tensor to be written and where it comes from.
struct Source {
  const StoredTensor* stored = nullptr;
  int64_t begin = 0;
  std::vector<int64_t> shape;

  int64_t values() const {
    int64_t count = 1;
    for (const auto size : shape) count *= size;
    return count;
  }
};
using Sources = std::vector<std::pair<std::string, Source>>;

const StoredTensor& stored_in(const ModelFolder& model, const std::string& name) {
  const auto found = model.tensors.find(name);
  if (found != model.tensors.end()) return found->second;
  throw CheckpointError("{}: {} is missing", model.path.string(), name);
}

Sources text_sources(const ModelFolder& model) {
  Sources sources;
  for (const auto& tensor : llama_tensors(model.config.decoder, model.vocab_size())) {
    sources.emplace_back(tensor.name, Source{.stored = &stored_in(model, tensor.ours),
                                             .begin = tensor.begin,
                                             .shape = tensor.shape});
  }
  return sources;
}

Sources media_sources(const ModelFolder& model) {
  Sources sources;
  for (const auto& [name, stored] : model.tensors) {
    if (name.starts_with("decoder.")) continue;
    sources.emplace_back(name, Source{.stored = &stored, .begin = 0, .shape = stored.shape()});
  }
  return sources;
}

/// The folder that is written; hashes are noted as the bytes go out.
struct Export {
  fs::path folder;
  at::ScalarType precision;
  CheckpointManifest manifest;

  void write(const std::string& name, const std::string& content) {
    write_file_atomic(folder / name, content);
    manifest.files[name] = hex(xxh3_64(content));
  }
  void write(const std::string& name, const Sources& sources);
};

void Export::write(const std::string& name, const Sources& sources) {
  const std::string dtype = precision == at::kFloat ? "F32" : "BF16";
  std::map<std::string, const Source*> by_name;
  std::vector<NamedTensor> tensors;
  for (const auto& [tensor, source] : sources) {
    by_name[tensor] = &source;
    tensors.push_back({.name = tensor, .info = {.dtype = dtype, .shape = source.shape}});
  }
  auto& hashes = manifest.safetensors[name];
  SafetensorsWriter writer(folder / name, std::move(tensors));
  for (const auto& tensor : writer.tensors()) {
    const auto& source = *by_name.at(tensor.name);
    const auto values =
        source.stored->rows(source.begin, source.shape[0]).to(precision).contiguous();
    const std::span bytes(static_cast<const std::byte*>(values.const_data_ptr()), values.nbytes());
    hashes.tensors[tensor.name] = hex(xxh3_64(bytes));
    writer.append(bytes);
  }
  writer.commit();
  hashes.header = hex(xxh3_64(SafetensorsFile(folder / name).header()));
}

void write_text_weights(const ModelFolder& model, int64_t shard_bytes, Export& to) {
  const auto element = static_cast<int64_t>(at::elementSize(to.precision));
  const auto files = cut_in_files(text_sources(model), shard_bytes, [&](const auto& source) {
    return source.second.values() * element;
  });
  if (files.size() == 1) return to.write("model.safetensors", files.front());
  Json weight_map = Json::object();
  int64_t values = 0;
  for (size_t i = 0; i < files.size(); ++i) {
    const auto name = fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, files.size());
    to.write(name, files[i]);
    for (const auto& [tensor, source] : files[i]) {
      weight_map[tensor] = name;
      values += source.values();
    }
  }
  const Json index = {
      {"metadata", {{"total_size", values * element}, {"total_parameters", values}}},
      {"weight_map", std::move(weight_map)}};
  write_file_atomic(to.folder / "model.safetensors.index.json", dump_json(index, kIndent));
}

// Those a user may change for other programs, and for them alone, have no hash.
void write_text_files(const ModelFolder& model, const data::Tokenizer& tokenizer, Export& to) {
  const auto& decoder = model.config.decoder;
  const auto write = [&](const char* name, const Json& json) {
    write_file_atomic(to.folder / name, dump_json(json, kIndent) + "\n");
  };
  auto config =
      llama_config(decoder, tokenizer, to.precision == at::kFloat ? "float32" : "bfloat16");
  config["vocab_size"] = model.vocab_size();  // an imported embedding may be longer
  write("config.json", config);
  write("generation_config.json", llama_generation_config(tokenizer));
  write("tokenizer_config.json", llama_tokenizer_config(tokenizer, decoder.context));
  write("special_tokens_map.json", llama_special_tokens());
  write_file_atomic(to.folder / "chat_template.jinja", chat_template());
  to.write(kTokenizer, tokenizer.model_bytes());
}

/// Whether an export writes a file of this name.
bool is_written(const std::string& name) {
  static const std::set<std::string> kNames = {"config.json",
                                               "generation_config.json",
                                               "tokenizer_config.json",
                                               "special_tokens_map.json",
                                               "chat_template.jinja",
                                               "model.safetensors",
                                               "model.safetensors.index.json",
                                               "reka/manifest.json",
                                               "reka/model.safetensors",
                                               kCertificate,
                                               kTokenizer,
                                               kOwnConfig};
  if (kNames.contains(name)) return true;
  return name.starts_with("model-") && name.ends_with(".safetensors") &&
         name.find('/') == name.npos;
}

/// What an older export is replaced with holds nothing of the user's.
void check_place(const fs::path& to, const fs::path& source) {
  if (to.empty()) throw ConfigError("--to: must be the folder to write");
  const auto inside = fs::weakly_canonical(to).lexically_relative(fs::weakly_canonical(source));
  if (!inside.empty() && inside != "." && *inside.begin() != "..")
    throw ConfigError("{}: must not be inside of {}, which it is made of", to.string(),
                      source.string());
  if (!fs::exists(to) || (fs::is_directory(to) && fs::is_empty(to))) return;
  if (!fs::exists(to / "config.json") || !fs::exists(to / kOwnConfig)) {
    throw ConfigError("{}: holds something else: must be a new folder or an older export",
                      to.string());
  }
  for (const auto& entry : fs::recursive_directory_iterator(to)) {
    const auto name = entry.path().lexically_relative(to).generic_string();
    if (name == kOwn || is_written(name)) continue;
    throw ConfigError("{}: holds {}, which no export wrote: must be moved away first", to.string(),
                      name);
  }
}

}  // namespace

void export_model(const ModelFolder& model, const data::Tokenizer& tokenizer, const fs::path& to,
                  const ExportOptions& options) {
  check_place(to, model.path);
  if (tokenizer.vocab_size() > model.vocab_size()) {
    throw CheckpointError("{}: the tokenizer has {} pieces: must not exceed the {} of the model",
                          model.path.string(), tokenizer.vocab_size(), model.vocab_size());
  }
  const auto& decoder = model.config.decoder;
  if (decoder.dim % decoder.num_heads != 0) {
    throw CheckpointError("{}: dim = {}: must be a multiple of num_heads = {} in the Llama layout",
                          model.path.string(), decoder.dim, decoder.num_heads);
  }
  if (to.has_parent_path()) fs::create_directories(to.parent_path());
  AtomicFolder folder(to);
  Export out{.folder = folder.path(), .precision = options.precision, .manifest = {}};
  write_text_files(model, tokenizer, out);
  write_text_weights(model, options.shard_bytes, out);
  fs::create_directories(folder.path() / kOwn);
  out.write(kOwnConfig, to_yaml(ModelSection{model.config}));
  if (const auto media = media_sources(model); !media.empty()) {
    out.write("reka/model.safetensors", media);
  }
  out.manifest.save(folder.path() / kOwn);
  folder.commit();
}

}  // namespace reka::train
