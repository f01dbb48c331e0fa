#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reka/base/media.h"

namespace reka::data {

/// The letters behind the last dot of a name, in lower case: "jpg"; "" without one.
std::string extension_of(std::string_view name);

/// What files of an extension hold; nullopt for one that is none of the media.
std::optional<Modality> modality_of_extension(std::string_view extension);

}  // namespace reka::data
