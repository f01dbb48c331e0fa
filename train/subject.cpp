#include "train/subject.h"

#include <algorithm>

#include <ATen/ATen.h>

#include "reka/base/error.h"
#include "reka/base/log.h"
#include "reka/base/quantity.h"
#include "reka/base/words.h"
#include "reka/blocks/init.h"
#include "reka/model/model_folder.h"
#include "reka/ops/cpu/processor.h"
#include "reka/ops/cross_entropy.h"
#include "train/resume.h"
#include "train/telemetry/machine.h"

namespace reka::train {
namespace {

constexpr int64_t kTrainedBytes = 16;  // a parameter in fp32, its gradient and two moments

/// "decoder", "image"
std::vector<std::string> parts_of(const torch::nn::Module& model) {
  std::vector<std::string> parts;
  for (const auto& part : model.named_children()) parts.push_back(part.key());
  return parts;
}

void freeze(const RunConfig& config, torch::nn::Module& model) {
  for (const auto& beginning : config.train.freeze) {
    bool found = false;
    for (auto& entry : model.named_parameters()) {
      if (!entry.key().starts_with(beginning)) continue;
      entry.value().set_requires_grad(false);
      found = true;
    }
    if (!found) {
      throw ConfigError("train.freeze: \"{}\": must begin the name of a parameter, such as {}",
                        beginning, join_words(parts_of(model)));
    }
  }
  const auto leaves = model.parameters();
  if (std::none_of(leaves.begin(), leaves.end(), [](auto& x) { return x.requires_grad(); })) {
    throw ConfigError("train.freeze: all of the model: must leave something to train");
  }
}

std::vector<NamedParameter> named_parameters(const torch::nn::Module& model) {
  std::vector<NamedParameter> parameters;
  for (const auto& entry : model.named_parameters()) {
    parameters.push_back({entry.key(), entry.value()});
  }
  return parameters;
}

/// Before anything is allocated: a system out of memory kills without a word.
void expect_room(const RunConfig& config, int64_t vocab_size, const at::Device& device) {
  int64_t parameters = 0, needed = 0;
  const BuildOn nowhere({.device = at::kMeta});
  Model model(config.model, vocab_size);
  freeze(config, *model);
  for (const auto& leaf : model->parameters()) {
    parameters += leaf.numel();
    needed += leaf.numel() * (leaf.requires_grad() ? kTrainedBytes : 4);
  }
  const auto free = free_memory_bytes(device);
  if (free == 0 || needed <= free) return;
  throw ConfigError(
      "model: {} parameters: weights, gradients and moments need {}, {} are free: must fit",
      count_text(static_cast<double>(parameters)), bytes_text(static_cast<double>(needed)),
      bytes_text(static_cast<double>(free)));
}

}  // namespace

std::string precision_name(at::ScalarType precision) {
  return precision == at::kFloat ? "fp32" : "bf16";
}

at::ScalarType pick_precision(const RunConfig& config, const at::Device& device) {
  const bool fast = !device.is_cpu() || ops::cpu::multiplies_bfloat16();
  if (config.precision == "fp32" || (config.precision == "auto" && !fast)) return at::kFloat;
  if (!fast) {
    warn(
        "precision = bf16: this processor has no bfloat16 products: fp32 is as exact or more, and "
        "mostly faster");
  }
  return at::kBFloat16;
}

Subject make_subject(const RunConfig& config, int64_t vocab_size, const at::Device& device,
                     const ModelFolder* from) {
  expect_room(config, vocab_size, device);
  Subject subject;
  subject.device = device;
  torch::manual_seed(static_cast<uint64_t>(config.run.seed));
  subject.model = Model(config.model, vocab_size);
  if (from != nullptr) load_tensors(*subject.model, from->tensors, from->origin);
  freeze(config, *subject.model);
  subject.model->to(device);
  std::vector<NamedParameter> exact;  // the values before they are rounded to the precision
  for (const auto& [name, leaf] : named_parameters(*subject.model)) {
    exact.push_back({name, leaf.detach()});
  }
  to_precision(*subject.model, pick_precision(config, device));
  const auto parameters = named_parameters(*subject.model);
  for (size_t i = 0; i < parameters.size(); ++i) {
    const auto& [name, leaf] = parameters[i];
    if (!leaf.requires_grad()) subject.frozen.push_back({name, leaf, exact[i].leaf.cpu()});
  }
  subject.parameters = std::make_unique<FlatParameters>(parameters);
  subject.parameters->assign(exact);
  subject.optimizer =
      std::make_unique<AdamW>(std::get<AdamWConfig>(config.optimizer), *subject.parameters);
  return subject;
}

void expect_tokenizer(const data::Tokenizer& tokenizer, const std::filesystem::path& file,
                      const std::string& weights, const std::string& advice) {
  if (data::Tokenizer::load(file)->fingerprint() == tokenizer.fingerprint()) return;
  throw CheckpointError("{}: its tokenizer is not that of data.shards: {}", weights, advice);
}

ModelFolder open_init_from(const RunConfig& config, const data::Tokenizer* tokenizer) {
  auto folder = open_model(config.init_from);
  tell_init_changes(config, folder);
  if (tokenizer == nullptr) return folder;
  const auto weights = "init_from = " + config.init_from;
  if (!std::filesystem::exists(folder.tokenizer)) {
    warn("{}: has no tokenizer.model: that of data.shards is taken for its own", weights);
    return folder;
  }
  expect_tokenizer(*tokenizer, folder.tokenizer, weights,
                   fmt::format("build the shards with data.tokenizer = {{type: file, path: {}}}",
                               folder.tokenizer.string()));
  return folder;
}

LossFunction Subject::loss() const {
  return [model = model](const Batch& batch) mutable {
    const auto hidden = model->forward(batch.input);
    return ops::linear_cross_entropy(hidden, model->head_weight(), batch.targets,
                                     batch.target_weight);
  };
}

}  // namespace reka::train
