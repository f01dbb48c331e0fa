#include "reka/base/json.h"

#include <algorithm>
#include <set>
#include <vector>

#include "reka/base/utf8.h"

namespace reka {
namespace {

/// The place of a byte offset, both counted from 1.
std::string line_and_column(std::string_view text, size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return fmt::format("{}:{}", lines + 1, before.size() - line_start + 1);
}

/// What nlohmann says, without its own prefix "[json.exception...] parse error at line ...: " or
/// "[json.exception...] ".
std::string reason(std::string_view what) {
  for (const std::string_view mark : {"column ", "parse error"}) {
    if (const auto at = what.find(mark); at != what.npos) {
      if (const auto colon = what.find(": ", at); colon != what.npos)
        return std::string(what.substr(colon + 2));
    }
  }
  const auto bracket = what.find("] ");
  return std::string(bracket == what.npos ? what : what.substr(bracket + 2));
}

}  // namespace

Json parse_json(std::string_view text, std::string_view place) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  std::string twice;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && twice.empty()) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys.back().insert(key).second) twice = key;
    }
    return true;
  };
  Json json;
  try {
    json = Json::parse(text.begin(), text.end(), watch);
  } catch (const Json::parse_error& error) {
    throw DataError("{}:{}: not JSON: {}", place,
                    line_and_column(text, error.byte == 0 ? 0 : error.byte - 1),
                    replace_bad_utf8(reason(error.what())));
  } catch (const Json::out_of_range& error) {
    throw DataError("{}: not JSON: {}", place, reason(error.what()));
  }
  if (!twice.empty()) throw DataError("{}: key \"{}\" is given twice", place, twice);
  return json;
}

std::string dump_json(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

void detail::fail_json_key(const Json& object, std::string_view key, std::string_view place,
                           std::string_view expected) {
  if (!object.is_object()) throw DataError("{}: must be a JSON object", place);
  const auto found = object.find(key);
  if (found == object.end()) throw DataError("{}: \"{}\": {}", place, key, expected);
  auto value = dump_json(*found);
  if (value.size() > 60) value = value.substr(0, 57) + "...";
  throw DataError("{}: \"{}\" = {}: {}", place, key, value, expected);
}

}  // namespace reka
