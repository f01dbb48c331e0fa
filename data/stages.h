#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "data/corpus/collect.h"
#include "data/corpus/stage.h"
#include "data/corpus/workspace.h"
#include "data/corpus_config.h"

namespace reka::data {

/// What looks at all documents of a corpus together, in its order: each sees what those before it
/// left. Paths of evaluation sets begin at `packages`.
std::vector<std::unique_ptr<Stage>> stages_of(const CorpusConfig& config,
                                              const std::filesystem::path& packages,
                                              const Workspace& space, Collection& corpus);

}  // namespace reka::data
