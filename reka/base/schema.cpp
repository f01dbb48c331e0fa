#include <charconv>
#include <optional>

#include "reka/base/json.h"
#include "reka/base/reference.h"

namespace reka {
namespace {

using DocKind = KeyDoc::Kind;

Json schema_of(const KeyDoc& doc);

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                 : std::nullopt;
}

/// Whole numbers without a point, as the schema's readers expect.
Json json_number(double value) {
  const auto whole = static_cast<int64_t>(value);
  return static_cast<double>(whole) == value ? Json(whole) : Json(value);
}

/// "in [0, 1)": each end with whether it belongs to it.
void add_interval(Json& schema, std::string_view text) {
  const auto comma = text.find(", ");
  if (text.size() < 6 || comma == text.npos) return;
  const auto low = number_in(text.substr(1, comma - 1));
  const auto high = number_in(text.substr(comma + 2, text.size() - comma - 3));
  if (!low || !high) return;
  schema[text.front() == '(' ? "exclusiveMinimum" : "minimum"] = json_number(*low);
  schema[text.back() == ')' ? "exclusiveMaximum" : "maximum"] = json_number(*high);
}

/// What a limit's words mean to a schema; nothing where it has no word for them.
void add_limit(Json& schema, std::string_view text, DocKind kind) {
  constexpr std::pair<std::string_view, const char*> kWords[] = {{">= ", "minimum"},
                                                                 {"> ", "exclusiveMinimum"},
                                                                 {"<= ", "maximum"},
                                                                 {"< ", "exclusiveMaximum"},
                                                                 {"a multiple of ", "multipleOf"}};
  if (text == "not empty") {
    schema[kind == DocKind::kList    ? "minItems"
           : kind == DocKind::kTable ? "minProperties"
                                     : "minLength"] = 1;
  } else if (text.starts_with("each ") && kind == DocKind::kList) {
    add_limit(schema["items"], text.substr(5), DocKind::kNumber);
  } else if (text.starts_with("in ")) {
    add_interval(schema, text.substr(3));
  } else {
    for (const auto& [start, word] : kWords) {
      if (!text.starts_with(start)) continue;
      if (const auto value = number_in(text.substr(start.size())))
        schema[word] = json_number(*value);
      return;
    }
  }
}

Json properties_of(const KeyDoc& doc) {
  Json properties = Json::object();
  for (const auto& key : doc.keys) properties[key.name()] = schema_of(key);
  properties["include"] = {{"description", "files whose keys come below the ones here"},
                           {"type", {"string", "array"}},
                           {"items", {{"type", "string"}}}};
  return properties;
}

Json struct_schema(const KeyDoc& doc) {
  return {{"type", {"object", "null"}},
          {"properties", properties_of(doc)},
          {"additionalProperties", false}};
}

/// Properties by type: `if` the type is this one (or, for the default, absent) `then` these.
Json one_of_schema(const KeyDoc& doc) {
  Json cases = Json::array();
  for (size_t n = 0; n < doc.keys.size(); ++n) {
    auto properties = properties_of(doc.keys[n]);
    properties["type"] = {{"const", doc.words[n]}};
    Json condition = {{"properties", {{"type", {{"const", doc.words[n]}}}}}};
    if (n > 0) condition["required"] = Json::array({"type"});
    cases.push_back({{"if", condition},
                     {"then", {{"properties", properties}, {"additionalProperties", false}}}});
  }
  return {{"type", {"object", "null"}},
          {"properties", {{"type", {{"enum", doc.words}, {"default", doc.words.front()}}}}},
          {"allOf", cases}};
}

/// Values may be written as ${VARIABLE}, so text of that form passes for numbers and flags.
Json or_variable(const char* type) {
  return {{"type", {type, "string"}}, {"pattern", "\\$\\{.+\\}"}};
}

Json bare_schema(const KeyDoc& doc) {
  switch (doc.kind) {
    case DocKind::kFlag:
      return or_variable("boolean");
    case DocKind::kInteger: {
      auto schema = or_variable("integer");
      if (const auto low = number_in(doc.range.first)) schema["minimum"] = json_number(*low);
      if (const auto high = number_in(doc.range.second)) schema["maximum"] = json_number(*high);
      return schema;
    }
    case DocKind::kNumber:
      return or_variable("number");
    case DocKind::kText:
      return {{"type", {"string", "number", "boolean"}}};
    case DocKind::kWord:
      return {{"enum", doc.words}};
    case DocKind::kStruct:
      return struct_schema(doc);
    case DocKind::kOneOf:
      return one_of_schema(doc);
    case DocKind::kTable:
      return {{"type", {"object", "null"}},
              {"properties", {{"include", {{"type", {"string", "array"}}}}}},
              {"additionalProperties", schema_of(doc.keys.front())}};
    default:
      return {{"type", {"array", "null"}}, {"items", schema_of(doc.keys.front())}};
  }
}

/// The default as JSON, where it is a number, a flag, a word or text.
Json default_json(const KeyDoc& doc) {
  if (doc.kind == DocKind::kFlag) return doc.initial == "true";
  if (const auto value = number_in(doc.initial)) return json_number(*value);
  if (doc.initial.starts_with('"')) return Json::parse(doc.initial, nullptr, false);
  return doc.initial;
}

Json schema_of(const KeyDoc& doc) {
  Json schema = Json::object();
  auto words = doc.meaning;
  for (const auto& limit : doc.limits) words += (words.empty() ? "" : "; ") + limit;
  if (!words.empty()) schema["description"] = words;
  schema.update(bare_schema(doc));
  for (const auto& limit : doc.limits) add_limit(schema, limit, doc.kind);
  if (doc.kind <= DocKind::kWord && !doc.required && doc.initial != "null")
    schema["default"] = default_json(doc);
  if (doc.optional && schema.contains("enum")) schema["enum"].push_back(nullptr);
  if (doc.optional && schema.contains("type") && schema["type"].back() != "null")
    schema["type"].push_back("null");
  return schema;
}

}  // namespace

std::string reference_schema(const std::vector<ConfigDoc>& configs) {
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                 {"title", "Configuration of reka"},
                 {"anyOf", Json::array()},
                 {"definitions", Json::object()}};
  for (const auto& config : configs) {
    schema["anyOf"].push_back({{"$ref", "#/definitions/" + config.name}});
    auto& definition = schema["definitions"][config.name] = {{"title", config.command}};
    definition.update(struct_schema(config.root));
  }
  return dump_json(schema, 1) + "\n";
}

}  // namespace reka
