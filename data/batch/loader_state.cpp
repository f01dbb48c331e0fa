#include "data/batch/loader_state.h"

namespace reka::data {
namespace {

Json cursors_to_json(const std::map<std::string, SourceCursor>& cursors) {
  Json json = Json::object();
  for (const auto& [name, cursor] : cursors)
    json[name] = {{"epoch", cursor.epoch},
                  {"window", cursor.window},
                  {"row", cursor.row},
                  {"rows", cursor.rows}};
  return json;
}

std::map<std::string, SourceCursor> cursors_from_json(const Json& json, std::string_view place) {
  std::map<std::string, SourceCursor> cursors;
  for (const auto& [name, cursor] : json.items())
    cursors[name] = {json_value<int64_t>(cursor, "epoch", place),
                     json_value<int64_t>(cursor, "window", place), cursor.value("row", int64_t{0}),
                     cursor.value("rows", "")};  // absent in older checkpoints
  return cursors;
}

}  // namespace

Json LoaderState::to_json() const {
  return {{"rows", rows},
          {"plan", plan},
          {"started", cursors_to_json(started)},
          {"next", cursors_to_json(next)}};
}

LoaderState LoaderState::from_json(const Json& json, std::string_view place) {
  return {.rows = json_value<int64_t>(json, "rows", place),
          .plan = json_value<std::string>(json, "plan", place),
          .started = cursors_from_json(json_value<Json>(json, "started", place), place),
          .next = cursors_from_json(json_value<Json>(json, "next", place), place)};
}

}  // namespace reka::data
