#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "reka/base/error.h"

namespace reka {

/// Small documents, keys in the order of the file. (JSON lines in bulk are read with simdjson.)
using Json = nlohmann::ordered_json;

/// DataError `place:line:column: not JSON: ...` for anything else; a key given twice too.
Json parse_json(std::string_view text, std::string_view place);

/// Bytes that are not UTF-8 become U+FFFD instead of an exception. indent < 0: one line.
std::string dump_json(const Json& json, int indent = -1);

namespace detail {
[[noreturn]] void fail_json_key(const Json& object, std::string_view key, std::string_view place,
                                std::string_view expected);
}

/// object[key] as T; DataError naming place and key when it is absent or of another type.
template <typename T>
T json_value(const Json& object, std::string_view key, std::string_view place) {
  const auto fail = [&](std::string_view expected) {
    detail::fail_json_key(object, key, place, expected);
  };
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (found == object.end()) fail("must be given");
  if constexpr (std::same_as<T, bool>) {
    if (!found->is_boolean()) fail("must be true or false");
  } else if constexpr (std::unsigned_integral<T>) {
    if (!found->is_number_unsigned()) fail("must be an integer >= 0");
  } else if constexpr (std::integral<T>) {
    if (!found->is_number_integer()) fail("must be an integer");
  } else if constexpr (std::floating_point<T>) {
    if (!found->is_number()) fail("must be a number");
  } else if constexpr (std::same_as<T, std::string>) {
    if (!found->is_string()) fail("must be text");
  }
  try {
    return found->template get<T>();
  } catch (const Json::exception&) {
    detail::fail_json_key(object, key, place, "must be of another type");
  }
}

}  // namespace reka
