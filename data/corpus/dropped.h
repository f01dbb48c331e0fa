#pragma once

#include <filesystem>

#include "data/corpus/selection.h"

namespace reka::data {

/// Beside the shards: {"source", "id", "language", "dropped"} for each document that is not kept, a
/// line each, in the order of the corpus.
inline constexpr const char* kDroppedName = "dropped.jsonl";

/// Throws DataError: no room for it.
void list_dropped(const Selection& selection, const std::filesystem::path& file);

/// Warns of each language of many documents of which none is kept, with what most go by.
void warn_of_lost_languages(const Selection& selection);

}  // namespace reka::data
