#include "scripts/commands/subject.h"

#include <ATen/Context.h>

#include "reka/base/error.h"
#include "reka/model/model_folder.h"
#include "train/feed.h"

namespace reka::commands {

at::Device device_named(const std::string& name) {
  if (name == "cpu" || (name == "auto" && !at::hasCUDA())) return at::kCPU;
  if (name != "auto" && name != "cuda") {
    throw ConfigError("--device {}: must be auto, cpu or cuda", name);
  }
  if (!at::hasCUDA()) throw ConfigError("--device cuda: no GPU is there: must be auto or cpu");
  return {at::kCUDA, 0};
}

at::ScalarType precision_named(const std::string& name) {
  if (name == "fp32") return at::kFloat;
  if (name == "bf16") return at::kBFloat16;
  throw ConfigError("--precision {}: must be fp32 or bf16", name);
}

eval::Subject subject_of(const Model& model,
                         const std::shared_ptr<const data::Tokenizer>& tokenizer) {
  return {.model = model, .tokenizer = tokenizer, .media = train::media_rules(model->config())};
}

eval::Subject open_subject(const std::string& path, const std::string& device,
                           const std::string& precision) {
  const auto folder = open_model(path);
  const auto tokenizer = data::Tokenizer::load(folder.tokenizer);
  return subject_of(load_model(folder, device_named(device), precision_named(precision)),
                    tokenizer);
}

}  // namespace reka::commands
