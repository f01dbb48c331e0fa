#pragma once

#include <string>
#include <utility>

#include "reka/base/value.h"
#include "reka/base/yaml.h"

namespace reka {

/// Sets the member from a YAML value; otherwise leaves it and returns what it must be, such as
/// "must be an integer >= 0".
std::string read_scalar(const YamlNode& node, const ScalarValue& value);

/// The member as a YAML value that reads back to the same.
YamlNode write_scalar(const ScalarValue& value);

/// The least and greatest value, where the type is narrower than 64 bits; 0 and "" of uint64_t.
std::pair<std::string, std::string> integer_range(const IntegerValue& value);

/// "integer", "number", "true or false", "text", or the words of a choice.
std::string scalar_type(const ScalarValue& value);

}  // namespace reka
