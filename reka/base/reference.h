#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reka/base/key_doc.h"

namespace reka {

/// The key reference as Markdown: every key of every root with default, limits and meaning.
std::string reference_markdown(const std::vector<ConfigDoc>& configs);

/// JSON schema, draft-07, by which editors complete and check: one definition for each root; a file
/// may be any of them.
std::string reference_schema(const std::vector<ConfigDoc>& configs);

/// Meaning, type, limits and default of a key, given in full (`model.decoder.num_heads`, a table's
/// item by its name or as <name>) or by its last parts; with several answers all of them.
/// ConfigError with the nearest key when there is none.
std::string explain_key(const std::vector<ConfigDoc>& configs, std::string_view key);

}  // namespace reka
