#include "train/export/export.h"

#include "data/tokens/train.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/model/rows.h"
#include "tests/support/temp_folder.h"
#include "train/export/certificate.h"
#include "train/export/llama_files.h"

namespace {

using namespace reka;
using namespace reka::testing;
namespace fs = std::filesystem;

std::shared_ptr<const data::Tokenizer> small_tokenizer() {
  static const auto tokenizer = [] {
    std::vector<std::string> lines;
    for (int n = 0; n < 60; ++n)
      lines.push_back(fmt::format("The {} green leaves. Rote Rosen!", n));
    return data::Tokenizer::from_bytes(data::train_tokenizer(lines, {.vocab_size = 400}), "small");
  }();
  return tokenizer;
}

ModelConfig export_config(const FusionConfig& fusion) {
  auto config = small_model(fusion);
  config.decoder.rope_theta = 3000;
  config.decoder.rope_scaling = 2;
  return config;
}

/// As if it had been opened.
ModelFolder in_memory(Model& model) {
  ModelFolder folder{.path = "memory", .config = model->config(), .origin = "memory"};
  for (const auto& item : model->named_parameters()) {
    folder.tensors[item.key()].parts = {item.value().detach()};
  }
  return folder;
}

Model export_model_of(const ModelConfig& config) {
  torch::manual_seed(1);
  return Model(config, small_tokenizer()->vocab_size());
}

}  // namespace

TEST_CASE("export: the folder verifies and is a model again, for each fusion", "[export]") {
  for (const auto& fusion : small_fusions()) {
    const TempFolder folder;
    auto model = export_model_of(export_config(fusion));
    const auto source = in_memory(model);
    const auto to = folder.path() / "out";
    train::export_model(source, *small_tokenizer(), to);
    const auto found = train::verify_export(source, *small_tokenizer(), to, {});
    CHECK(found.max_logit_difference < 1e-4);
    CHECK(found.reload_logit_difference == 0);
    CHECK(found.media_tensors_equal > 20);
    CHECK(found.stop_ids.size() == 2);
    CHECK(fs::exists(to / "certificate.json"));
    train::export_model(source, *small_tokenizer(), to);  // takes the place of an older export
    CHECK_FALSE(fs::exists(to / "certificate.json"));
    auto again = load_model(open_model(to), at::kCPU);
    for (const auto& item : model->named_parameters()) {
      CHECK(torch::equal(item.value(), again->named_parameters()[item.key()]));
    }
  }
}

TEST_CASE("export: in several files, in bf16, with a tied head, twice in one place", "[export]") {
  const TempFolder folder;
  auto config = export_config(PoolMlpConfig{.grid = 2});
  config.decoder.tied_head = true;
  auto model = export_model_of(config);
  const auto source = in_memory(model);
  const train::ExportOptions options{.precision = at::kBFloat16, .shard_bytes = 20'000};
  for (int round = 0; round < 2; ++round) {
    train::export_model(source, *small_tokenizer(), folder.path() / "out", options);
  }
  const auto found =
      train::verify_export(source, *small_tokenizer(), folder.path() / "out", options);
  CHECK(found.max_logit_difference < 1e-4);
  const auto place = (folder.path() / "out" / "model.safetensors.index.json").string();
  const auto index = parse_json(read_file(place), place);
  CHECK(index["weight_map"].size() == 3 * 9 + 2);
  CHECK(index["metadata"]["total_size"].get<int64_t>() ==
        2 * config.decoder.parameters(small_tokenizer()->vocab_size()));
  // An export is exported again.
  train::export_model(open_model(folder.path() / "out"), *small_tokenizer(),
                      folder.path() / "again", {});
  CHECK(open_model(folder.path() / "again").config.decoder.tied_head);
}

TEST_CASE("export: a changed weight, name or rotation does not verify", "[export]") {
  const TempFolder folder;
  auto model = export_model_of(export_config(ResamplerConfig{.width = 24, .num_heads = 2}));
  const auto source = in_memory(model);
  const auto to = folder.path() / "out";
  train::export_model(source, *small_tokenizer(), to);
  const auto refused = [&] {
    CHECK_THROWS_AS(train::verify_export(source, *small_tokenizer(), to, {}), CheckpointError);
  };
  auto json = read_file(to / "config.json");
  const auto right = json;
  json.replace(json.find("\"rope_theta\": 3000"), 18, "\"rope_theta\": 9000");
  write_file_atomic(to / "config.json", json);
  refused();
  write_file_atomic(to / "config.json", right);
  CHECK_NOTHROW(train::verify_export(source, *small_tokenizer(), to, {}));
  {
    const torch::NoGradGuard no_grad;
    model->named_parameters()["fusion.vision.queries"][0][0] += 1;
  }
  refused();
}

TEST_CASE("export: a folder that holds something else is left alone", "[export]") {
  const TempFolder folder;
  folder.write("out/thesis.tex", "years of work");
  auto model = export_model_of(export_config(PoolMlpConfig{}));
  CHECK_THROWS_WITH(
      train::export_model(in_memory(model), *small_tokenizer(), folder.path() / "out"),
      Catch::Contains("holds something else"));
  CHECK(read_file(folder.path() / "out" / "thesis.tex") == "years of work");
}

TEST_CASE("export: a model that another program wrote is left alone", "[export]") {
  const TempFolder folder;
  const auto to = folder.path() / "out";
  auto model = export_model_of(export_config(PoolMlpConfig{}));
  train::export_model(in_memory(model), *small_tokenizer(), to);
  train::export_model(in_memory(model), *small_tokenizer(), to);  // an older export
  folder.write("out/.git/HEAD", "a card of mine");
  CHECK_THROWS_WITH(train::export_model(in_memory(model), *small_tokenizer(), to),
                    to.string() + ": holds .git, which no export wrote: must be moved away first");
  CHECK(read_file(to / ".git" / "HEAD") == "a card of mine");
  fs::remove_all(to / ".git");
  fs::remove(to / "reka" / "config.yaml");
  CHECK_THROWS_WITH(train::export_model(in_memory(model), *small_tokenizer(), to),
                    Catch::Contains("holds something else"));
  CHECK(fs::exists(to / "model.safetensors"));
}

TEST_CASE("export: heads that do not divide the width are refused", "[export]") {
  const TempFolder folder;
  auto config = export_config(PoolMlpConfig{});
  config.decoder.dim = 20;
  config.decoder.num_heads = 3;
  config.decoder.num_kv_heads = 1;
  config.decoder.head_dim = 8;
  auto model = export_model_of(config);  // transformers takes no such config
  CHECK_THROWS_WITH(
      train::export_model(in_memory(model), *small_tokenizer(), folder.path() / "out"),
      Catch::Contains("dim = 20") && Catch::Contains("num_heads = 3"));
  CHECK_FALSE(fs::exists(folder.path() / "out"));
}

TEST_CASE("export: the files name what the runtimes need", "[export]") {
  const auto tokenizer = small_tokenizer();
  const auto config = train::llama_config(export_config({}).decoder, *tokenizer, "float32");
  CHECK(config["vocab_size"] == 448);
  CHECK(config["rope_theta"] == 3000);
  CHECK(config["rope_parameters"]["factor"] == 2);
  CHECK(config["rope_scaling"]["factor"] == 2);
  const auto specials = train::llama_tokenizer_config(*tokenizer, 64)["added_tokens_decoder"];
  CHECK(specials.size() == data::special_symbols().size() + 1);
  CHECK(specials["1"]["content"] == "<|endoftext|>");
}

TEST_CASE("export: a damaged byte of its weights is refused by name", "[export]") {
  const TempFolder folder;
  const auto to = folder.path() / "out";
  auto model = export_model_of(export_config(PoolMlpConfig{.grid = 2}));
  const train::ExportOptions options{.shard_bytes = 20'000};  // in several files
  train::export_model(in_memory(model), *small_tokenizer(), to, options);
  CHECK_NOTHROW(open_model(to));
  std::vector<std::string> names = {"reka/model.safetensors", "reka/config.yaml",
                                    "reka/manifest.json", "tokenizer.model"};
  for (const auto& entry : fs::directory_iterator(to)) {
    if (entry.path().extension() == ".safetensors") names.push_back(entry.path().filename());
  }
  REQUIRE(names.size() > 6);
  for (const auto& name : names) {
    INFO(name);
    const auto whole = read_file(to / name);
    auto bytes = whole;
    bytes[bytes.size() - 20] = static_cast<char>(bytes[bytes.size() - 20] ^ 1);
    write_file_atomic(to / name, bytes);
    CHECK_THROWS_WITH(open_model(to), Catch::Contains((to / name).string()));
    write_file_atomic(to / name, whole);
  }
  fs::remove(to / "reka" / "manifest.json");  // as exports without hashes
  CHECK_NOTHROW(open_model(to));
  fs::remove_all(to / "reka");
  CHECK_THROWS_WITH(open_model(to), (to / "reka").string() +
                                        ": is absent: must stand beside config.json, whose "
                                        "reka_folder names it");
}

TEST_CASE("export: config.json that says other than our part is refused with both", "[export]") {
  const TempFolder folder;
  const auto to = folder.path() / "out";
  auto model = export_model_of(export_config(PoolMlpConfig{.grid = 2}));
  train::export_model(in_memory(model), *small_tokenizer(), to);
  const auto place = (to / "config.json").string();
  const auto right = read_file(place);
  const auto own = (to / "reka" / "config.yaml").string();
  const auto refused = [&](const char* key, const Json& value, const std::string& finding) {
    auto json = parse_json(right, place);
    json[key] = value;
    write_file_atomic(place, dump_json(json));
    CHECK_THROWS_WITH(open_model(to), place + ": " + finding + own);
  };
  refused("num_hidden_layers", 4000,
          "num_hidden_layers = 4000: must be 3, as model.decoder.num_layers in ");
  refused("tie_word_embeddings", true,
          "tie_word_embeddings = 1: must be 0, as model.decoder.tied_head in ");
  const auto clashes = [&](const char* key, const Json& value, const std::string& finding) {
    auto json = parse_json(right, place);
    json[key] = value;
    write_file_atomic(place, dump_json(json));
    CHECK_THROWS_WITH(open_model(to), place + ": " + finding);
  };
  clashes("rope_theta", 500.0, "rope_theta = 500: must be 3000, as in rope_parameters");
  clashes("rope_scaling", {{"rope_type", "linear"}, {"factor", 4.0}},
          "rope_scaling: must say the same as rope_parameters");
  refused("rms_norm_eps", 0.5, "rms_norm_eps = 0.5: must be 1e-05, as model.decoder.norm_eps in ");
}

TEST_CASE("export: the chat template drops the control characters that no corpus has", "[export]") {
  const auto text = train::chat_template();
  const auto list = text.substr(text.find("control in ["), 400);
  for (const std::string control : {"\x01", "\x1F", "\x7F", "\xC2\x80", "\xC2\x9F"})
    CHECK(list.find("'" + control + "'") != list.npos);
  for (const std::string kept : {"\t", "\n", "\r", " ", "a"})
    CHECK(list.find("'" + kept + "'") == list.npos);
}
