#include "scripts/commands/configs.h"

#include "data/build.h"
#include "eval/config.h"
#include "train/config.h"

namespace reka::commands {

std::vector<ConfigDoc> all_configs() {
  return {document_config<data::DataBuildConfig>("data", "reka data build CONFIG"),
          document_config<eval::EvalConfig>("eval", "reka eval CONFIG"),
          document_config<train::RunConfig>("train", "reka train CONFIG")};
}

}  // namespace reka::commands
