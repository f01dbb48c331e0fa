#include "reka/model/model_folder.h"

#include <fstream>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/reader.h"
#include "reka/model/llama.h"
#include "reka/weights/checkpoint.h"
#include "reka/weights/safetensors.h"
#include "tests/model/rows.h"
#include "tests/support/live_bytes.h"
#include "tests/support/temp_folder.h"

namespace {

using namespace reka;
using namespace reka::testing;
namespace fs = std::filesystem;

struct RunSection {  // what a run's config.yaml has of the model
  ModelConfig model;
  void describe(auto& field) { field("model", model, "the model"); }
};

TensorBytes bytes_of(const std::string& name, const at::Tensor& tensor) {
  return {.name = name,
          .dtype = "F32",
          .shape = tensor.sizes().vec(),
          .bytes = {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()}};
}

/// A finished checkpoint of the model, in two files.
void write_checkpoint(const fs::path& folder, Model& model) {
  fs::create_directories(folder);
  write_file_atomic(folder / "config.yaml", to_yaml(RunSection{model->config()}));
  std::vector<TensorBytes> first, second;
  for (const auto& item : model->named_parameters()) {
    (first.size() < 5 ? first : second).push_back(bytes_of(item.key(), item.value()));
  }
  CheckpointManifest manifest{.step = 7};
  const std::vector<std::pair<std::string, const std::vector<TensorBytes>*>> files = {
      {"model-00001-of-00002.safetensors", &first}, {"model-00002-of-00002.safetensors", &second}};
  for (const auto& [name, tensors] : files) {
    write_safetensors(folder / name, *tensors);
    const SafetensorsFile file(folder / name);
    auto& hashes = manifest.safetensors[name];
    hashes.header = hex(xxh3_64(file.header()));
    for (const auto& [key, info] : file.tensors()) {
      hashes.tensors[key] = hex(xxh3_64(file.bytes(key)));
    }
  }
  manifest.files["config.yaml"] = hex(xxh3_64(read_file(folder / "config.yaml")));
  manifest.save(folder);
}

/// The decoder in the Llama layout.
void write_llama(const fs::path& folder, Model& model) {
  const auto& config = model->config().decoder;
  const auto parameters = model->named_parameters();
  std::vector<at::Tensor> kept;
  std::vector<TensorBytes> tensors;
  for (const auto& tensor : llama_tensors(config, model->vocab_size())) {
    kept.push_back(parameters[tensor.ours].detach().narrow(0, tensor.begin, tensor.shape[0]));
    REQUIRE(kept.back().sizes() == at::IntArrayRef(tensor.shape));
    tensors.push_back(bytes_of(tensor.name, kept.back()));
  }
  write_safetensors(folder / "model.safetensors", tensors);
  const Json json = {{"model_type", "llama"},
                     {"hidden_size", config.dim},
                     {"num_hidden_layers", config.num_layers},
                     {"num_attention_heads", config.num_heads},
                     {"num_key_value_heads", config.num_kv_heads},
                     {"intermediate_size", config.hidden},
                     {"rms_norm_eps", config.norm_eps},
                     {"rope_parameters",
                      {{"rope_type", "linear"},
                       {"factor", config.rope_scaling},
                       {"rope_theta", config.rope_theta}}},
                     {"tie_word_embeddings", config.tied_head}};
  write_file_atomic(folder / "config.json", json.dump());
}

void check_equal(Model& a, Model& b) {
  const auto ours = a->named_parameters();
  const auto theirs = b->named_parameters();
  REQUIRE(ours.size() == theirs.size());
  for (const auto& item : ours) CHECK(torch::equal(item.value(), theirs[item.key()]));
}

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const CheckpointError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("model folder: a run and its checkpoint give the model back", "[weights]") {
  const TempFolder folder;
  for (const auto& fusion : small_fusions()) {
    auto model = make_model(small_model(fusion));
    write_checkpoint(folder.path() / "checkpoints" / "step-7", model);
    for (const auto& path : {folder.path(), folder.path() / "checkpoints" / "step-7"}) {
      const auto opened = open_model(path);
      CHECK(opened.path == folder.path() / "checkpoints" / "step-7");
      CHECK(layout_rule(opened.config) == layout_rule(model->config()));
      auto loaded = load_model(opened, at::kCPU);
      check_equal(loaded, model);
      CHECK(load_model(opened, at::kCPU, at::kBFloat16)->precision() == at::kBFloat16);
    }
  }
}

TEST_CASE("model folder: in bf16 it loads without a copy in fp32", "[weights]") {
  const TempFolder folder;
  auto model = make_model(ModelConfig{.decoder = small_model({}).decoder});
  write_checkpoint(folder.path(), model);
  const auto opened = open_model(folder.path());
  const LiveBytes live;
  auto loaded = load_model(opened, at::kCPU, at::kBFloat16);
  CHECK(live.most() < 3 * count_parameters(*loaded));
  to_precision(*model, at::kBFloat16);
  check_equal(loaded, model);
}

TEST_CASE("model folder: the Llama layout gives the decoder back", "[weights]") {
  const TempFolder folder;
  ModelConfig config;
  config.decoder = small_model({}).decoder;
  config.decoder.rope_theta = 500;
  config.decoder.rope_scaling = 4;
  config.decoder.tied_head = GENERATE(false, true);
  auto model = make_model(config);
  write_llama(folder.path(), model);
  const auto opened = open_model(folder.path());
  CHECK(opened.config.decoder.rope_theta == 500);
  CHECK(opened.config.decoder.rope_scaling == 4);
  CHECK(opened.config.decoder.tied_head == config.decoder.tied_head);
  auto loaded = load_model(opened, at::kCPU);
  check_equal(loaded, model);
  const auto row = make_row(config, {{text(20)}});
  CHECK(torch::equal(loaded->forward(row), model->forward(row)));
}

TEST_CASE("llama: the parts of a matrix cover its rows once and in order", "[weights]") {
  auto model = make_model(ModelConfig{.decoder = small_model({}).decoder});
  std::map<std::string, int64_t> rows;
  for (const auto& tensor : llama_tensors(model->config().decoder, model->vocab_size())) {
    CHECK(rows[tensor.ours] == tensor.begin);
    rows[tensor.ours] += tensor.shape[0];
  }
  for (const auto& item : model->named_parameters())
    CHECK(rows[item.key()] == item.value().size(0));
}

TEST_CASE("llama: sizes that no decoder has are refused in one line", "[weights]") {
  const Json good = {{"model_type", "llama"},
                     {"hidden_size", 48},
                     {"num_hidden_layers", 2},
                     {"num_attention_heads", 4},
                     {"num_key_value_heads", 2},
                     {"intermediate_size", 40},
                     {"rope_scaling", {{"rope_type", "linear"}, {"factor", 2.0}}},
                     {"rope_theta", 10000.0}};
  CHECK(decoder_from_llama(good, "config.json").head_size() == 12);
  const auto message = [&](const char* key, const Json& value) {
    auto json = good;
    json[key] = value;
    return message_of([&] { decoder_from_llama(json, "config.json"); });
  };
  CHECK(message("num_attention_heads", 0) == "config.json: num_heads = 0: must be in [1, 4096]");
  CHECK(message("num_key_value_heads", 3) ==
        "config.json: num_kv_heads = 3: must divide num_heads");
  CHECK_THAT(message("num_attention_heads", 10), Catch::Contains("head_dim"));
  CHECK(message("head_dim", 7) == "config.json: head_dim = 7: must be even");
  CHECK_THAT(message("hidden_size", -48), Catch::Contains("dim = -48: must be in [1, 262144]"));
  CHECK_THAT(message("num_hidden_layers", 0), Catch::Contains("num_layers = 0"));
  CHECK_THAT(message("intermediate_size", 0), Catch::Contains("hidden = 0"));
  CHECK_THAT(message("rms_norm_eps", 0), Catch::Contains("norm_eps"));
  CHECK_THAT(message("rope_scaling", {{"rope_type", "linear"}, {"factor", 0}}),
             Catch::Contains("rope_scaling = 0"));
}

TEST_CASE("model folder: every tensor that does not fit is named", "[weights]") {
  auto model = make_model(small_model(small_fusions()[0]));
  std::map<std::string, StoredTensor> tensors;
  for (const auto& item : model->named_parameters()) tensors[item.key()].parts = {item.value()};
  tensors.erase("decoder.norm.weight");
  tensors["fusion.vision.queries"].parts = {torch::zeros({5, 24})};
  tensors["decoder.bonus"].parts = {torch::zeros({1})};
  CHECK(message_of([&] { load_tensors(*model, tensors, "here"); }) ==
        "here: decoder.norm.weight is missing; fusion.vision.queries is [5, 24] and must be "
        "[3, 24]; decoder.bonus is none of the model's");
}

TEST_CASE("model folder: what is no model is refused by name", "[weights]") {
  const TempFolder folder;
  CHECK_THAT(message_of([&] { open_model(folder.path() / "x"); }), Catch::Contains("is absent"));
  CHECK_THAT(message_of([&] { open_model(folder.path()); }), Catch::Contains("must be a run"));
  auto model = make_model(ModelConfig{.decoder = small_model({}).decoder});
  write_llama(folder.path(), model);
  const auto changed = [&](const std::string& from, const std::string& to) {
    auto json = read_file(folder.path() / "config.json");
    json.replace(json.find(from), from.size(), to);
    write_file_atomic(folder.path() / "config.json", json);
    return message_of([&] { load_model(open_model(folder.path()), at::kCPU); });
  };
  CHECK_THAT(changed("\"num_hidden_layers\":3", "\"num_hidden_layers\":2"),
             Catch::Contains("model.layers.2.mlp.up_proj.weight is none of the model's"));
  CHECK_THAT(changed("\"intermediate_size\":48", "\"intermediate_size\":40"),
             Catch::Contains("gate_proj.weight is [48, 32] and must be [40, 32]"));
  CHECK_THAT(changed("\"linear\"", "\"yarn\""), Catch::Contains("rope_type = yarn"));
}

TEST_CASE("model folder: a damaged checkpoint is refused", "[weights]") {
  const TempFolder folder;
  auto model = make_model(ModelConfig{.decoder = small_model({}).decoder});
  const auto path = folder.path() / "step-7";
  write_checkpoint(path, model);
  auto bytes = read_file(path / "model-00002-of-00002.safetensors");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_file_atomic(path / "model-00002-of-00002.safetensors", bytes);
  CHECK_THAT(message_of([&] { open_model(path); }),
             Catch::Contains("model-00002-of-00002.safetensors") && Catch::Contains("damaged"));
}

TEST_CASE("model folder: sizes that its weights do not have are refused before any is made",
          "[weights]") {
  const TempFolder folder;
  auto model = make_model(ModelConfig{.decoder = small_model({}).decoder});
  write_llama(folder.path(), model);
  const auto place = (folder.path() / "config.json").string();
  const auto with = [&](const char* key, int64_t value) {
    const auto right = read_file(place);
    auto json = parse_json(right, place);
    json[key] = value;
    write_file_atomic(place, dump_json(json));
    const auto message = message_of([&] { open_model(folder.path()); });
    write_file_atomic(place, right);
    return message;
  };
  const auto rows = model->vocab_size();
  CHECK(with("vocab_size", rows).empty());
  CHECK(with("vocab_size", rows + 1) ==
        fmt::format("{}: vocab_size = {}: must be {}, the rows of model.embed_tokens.weight", place,
                    rows + 1, rows));
  CHECK(with("num_hidden_layers", 4000) ==
        fmt::format("{}: num_hidden_layers = 4000: must be at most 30, the tensors of its files",
                    place));
}
