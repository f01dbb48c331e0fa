#include "scripts/commands/configs.h"

namespace reka::commands {

std::vector<ConfigDoc> all_configs() {
  // document_config<train::RunConfig>("train", "reka train CONFIG"): definition, command, struct.
  return {};
}

}  // namespace reka::commands
