#include "scripts/commands/subject.h"

#include "data/media/rules.h"
#include "reka/base/error.h"
#include "reka/model/model_folder.h"
#include "reka/parallel/device.h"

namespace reka::commands {

at::ScalarType precision_named(const std::string& name) {
  if (name == "fp32") return at::kFloat;
  if (name == "bf16") return at::kBFloat16;
  throw ConfigError("--precision {}: must be fp32 or bf16", name);
}

eval::Subject subject_of(const Model& model,
                         const std::shared_ptr<const data::Tokenizer>& tokenizer) {
  return {.model = model, .tokenizer = tokenizer, .media = data::media_rules(model->config())};
}

eval::Subject open_subject(const std::string& path, const std::string& device,
                           const std::string& precision) {
  const auto folder = open_model(path);
  const auto tokenizer = data::Tokenizer::load(folder.tokenizer);
  if (tokenizer->vocab_size() > folder.vocab_size()) {
    throw CheckpointError("{}: {} pieces: must be at most {}, the rows of the embedding in {}",
                          folder.tokenizer.string(), tokenizer->vocab_size(), folder.vocab_size(),
                          folder.path.string());
  }
  auto subject =
      subject_of(load_model(folder, pick_device(device), precision_named(precision)), tokenizer);
  subject.origin = folder.origin;
  return subject;
}

}  // namespace reka::commands
