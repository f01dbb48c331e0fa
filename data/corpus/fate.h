#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace reka::data {

/// What became of a document: it is kept, or was dropped for one reason, the first that was found.
struct Fate {
  enum class Kind : uint8_t {
    kKept,
    kExactDuplicate,
    kRule,
    kNearDuplicate,
    kMediaDuplicate,
    kContaminated,
    kEmptied,  // nothing was left of it when what stands elsewhere was taken out
  };

  Kind kind = Kind::kKept;
  std::string of;  // kRule: its name; kContaminated: the evaluation set

  auto operator<=>(const Fate&) const = default;  // NOLINT(modernize-use-nullptr): finds none
};

/// "kept", "exact duplicate", "rule gopher_words", "near duplicate", "media duplicate",
/// "contaminated by humaneval", "emptied".
std::string fate_name(const Fate& fate);

}  // namespace reka::data
