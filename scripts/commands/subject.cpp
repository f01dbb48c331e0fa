#include "scripts/commands/subject.h"

#include <ATen/Context.h>

#include "data/media/load.h"
#include "reka/base/error.h"
#include "reka/model/layout.h"
#include "reka/weights/model_folder.h"

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

eval::Subject open_subject(const std::string& path, const std::string& device,
                           const std::string& precision) {
  const auto folder = open_model(path);
  eval::Subject subject;
  subject.tokenizer = data::Tokenizer::load(folder.tokenizer);
  subject.model = load_model(folder, device_named(device), precision_named(precision));
  const auto config = folder.config;
  subject.media.id = layout_rule(config);
  subject.media.length = [config](Modality modality, const Geometry& geometry) {
    return media_layout(config, modality, geometry);
  };
  subject.media.decode = [config](const data::SampleMedia& media) {
    return data::load_media(media, config.input);
  };
  return subject;
}

}  // namespace reka::commands
