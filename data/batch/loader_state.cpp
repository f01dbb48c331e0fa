#include "data/batch/loader_state.h"

namespace reka::data {
namespace {

Json begun_to_json(const std::vector<BegunShards>& begun) {
  Json json = Json::array();
  for (const auto& list : begun) json.push_back({list.shards, list.windows, list.same});
  return json;
}

Json cursors_to_json(const std::map<std::string, SourceCursor>& cursors) {
  Json json = Json::object();
  for (const auto& [name, cursor] : cursors)
    json[name] = {
        {"epoch", cursor.epoch},
        {"window", cursor.window},
        {"row", cursor.row},
        {"rows", cursor.rows},
        {"shards", {cursor.list.count, cursor.list.all, cursor.list.but_last}},
        {"begun", begun_to_json(cursor.begun)},
    };
  return json;
}

SourceCursor cursor_from_json(const Json& json, std::string_view place) {
  SourceCursor cursor{.epoch = json_value<int64_t>(json, "epoch", place),
                      .window = json_value<int64_t>(json, "window", place),
                      .row = json.value("row", int64_t{0}),
                      .rows = json.value("rows", "")};
  if (!json.contains("shards")) return cursor;  // an older checkpoint
  const auto [count, all, but_last] =
      json_value<std::tuple<int64_t, std::string, std::string>>(json, "shards", place);
  cursor.list = {count, all, but_last};
  for (const auto& [shards, windows, same] :
       json_value<std::vector<std::array<int64_t, 3>>>(json, "begun", place))
    cursor.begun.push_back({shards, windows, same});
  return cursor;
}

std::map<std::string, SourceCursor> cursors_from_json(const Json& json, std::string_view place) {
  std::map<std::string, SourceCursor> cursors;
  for (const auto& [name, cursor] : json.items()) cursors[name] = cursor_from_json(cursor, place);
  return cursors;
}

}  // namespace

Json LoaderState::to_json() const {
  Json json = {{"rows", rows},
               {"plan", plan},
               {"started", cursors_to_json(started)},
               {"next", cursors_to_json(next)}};
  auto& shares = json["mixture"] = Json::array();
  for (const auto& share : mixture)
    shares.push_back({{"name", share.name}, {"weight", share.weight}, {"repeat", share.repeat}});
  auto& samples = json["quarantined"] = Json::array();
  for (const auto& sample : quarantined) samples.push_back(sample.to_json());
  return json;
}

LoaderState LoaderState::from_json(const Json& json, std::string_view place) {
  LoaderState state{.rows = json_value<int64_t>(json, "rows", place),
                    .plan = json_value<std::string>(json, "plan", place),
                    .started = cursors_from_json(json_value<Json>(json, "started", place), place),
                    .next = cursors_from_json(json_value<Json>(json, "next", place), place)};
  if (!json.contains("mixture")) return state;  // an older checkpoint
  for (const auto& share : json_value<Json>(json, "mixture", place))
    state.mixture.push_back({json_value<std::string>(share, "name", place),
                             json_value<int64_t>(share, "weight", place),
                             json_value<int64_t>(share, "repeat", place)});
  for (const auto& sample : json_value<Json>(json, "quarantined", place))
    state.quarantined.push_back(Quarantined::from_json(sample, place));
  return state;
}

}  // namespace reka::data
