#pragma once

#include <vector>

#include "reka/base/key_doc.h"

namespace reka::commands {

/// Every struct that a command reads from a file, for `reka explain`, configs/README.md and
/// configs/schema.json. A new one is a line in configs.cpp.
std::vector<ConfigDoc> all_configs();

}  // namespace reka::commands
