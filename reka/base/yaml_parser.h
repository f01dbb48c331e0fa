#pragma once

#include <string>

#include "reka/base/yaml.h"

namespace reka {

/// The tree of one document as it stands in the text: nothing included, nothing replaced.
YamlNode parse_document(const std::string& text, const std::string& name, ConfigErrors& errors);

}  // namespace reka
