#include "data/corpus/record.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "data/media/load.h"
#include "reka/base/base64.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/words.h"

namespace reka::data {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::string_view string_at(const object& from, std::string_view key) {
  std::string_view value;
  if (from.at_key(key).get(value) != simdjson::SUCCESS) {
    throw DataError("part has no \"{}\": must be text", key);
  }
  return value;
}

object object_at(const object& from, std::string_view key) {
  object value;
  if (from.at_key(key).get(value) != simdjson::SUCCESS) {
    throw DataError("part has no \"{}\": must be an object", key);
  }
  return value;
}

std::optional<Modality> modality_named(std::string_view name) {
  if (name == "image") return Modality::kImage;
  if (name == "audio") return Modality::kAudio;
  if (name == "video") return Modality::kVideo;
  return std::nullopt;
}

std::string decode(std::string_view text) {
  auto bytes = base64_decode(text);
  if (!bytes) throw DataError("data URL: must be base64");
  return *std::move(bytes);
}

// A path, or several.
void add_media_of_key(const object& record, Modality modality, const MediaFolder& folder,
                      Document& document) {
  const auto key = modality_name(modality);
  auto found = record.at_key(key);
  if (found.error() == simdjson::NO_SUCH_FIELD || found.is_null()) return;
  const auto add = [&](element item) {
    std::string_view path;
    if (item.get(path) != simdjson::SUCCESS)
      throw DataError("\"{}\": must be a path or paths", key);
    add_media_part(record_media(modality, path, folder), document);
  };
  array several;
  if (found.get(several) != simdjson::SUCCESS) return add(found.value());
  for (const auto item : several) add(item);
}

}  // namespace

object parse_record(simdjson::dom::parser& parser, std::string_view line) {
  object record;
  const auto error = parser.parse(line).get(record);
  if (error == simdjson::INCORRECT_TYPE) throw DataError("record: must be an object");
  if (error == simdjson::NUMBER_ERROR)
    throw DataError("has a number that 64 bits do not hold: must be without, or have it as text");
  if (error != simdjson::SUCCESS) throw DataError("not JSON: {}", simdjson::error_message(error));
  return record;
}

const std::vector<std::string>& common_record_keys() {
  static const std::vector<std::string> keys = {"id", "key", "language"};
  return keys;
}

const std::vector<std::string>& record_keys() {
  static const std::vector<std::string> keys = {"text",    "image", "video", "audio",
                                                "content", "id",    "key",   "language"};
  return keys;
}

std::vector<std::string> unknown_keys(const object& record, const std::vector<std::string>& known) {
  std::vector<std::string> unknown;
  for (const auto field : record) {
    if (std::ranges::find(known, field.key) == known.end()) unknown.emplace_back(field.key);
  }
  return unknown;
}

void expect_known_keys(const object& record, const std::vector<std::string>& known) {
  const auto unknown = unknown_keys(record, known);
  if (unknown.empty()) return;
  auto hint = did_you_mean(unknown.front(), known);
  if (hint.empty()) hint = "; known here: " + join_words(known);
  throw DataError("\"{}\": unknown key{}", unknown.front(), hint);
}

std::string record_text(const object& record, std::string_view key) {
  auto found = record.at_key(key);
  if (found.error() == simdjson::NO_SUCH_FIELD || found.is_null()) return "";
  std::string_view value;
  if (found.get(value) == simdjson::SUCCESS) return std::string(value);
  if (!found.is_number()) throw DataError("\"{}\": must be text", key);
  return simdjson::minify(found.value());
}

MediaFile record_media(Modality modality, std::string_view value, const MediaFolder& folder) {
  if (!value.starts_with("data:")) {
    if (value.find('\0') != value.npos)
      throw DataError("\"{}\": has a NUL: must be a path or a data URL", modality_name(modality));
    if (value.find("://") != value.npos)
      throw DataError("\"{}\": {}: addresses are not fetched: must be a path or a data URL",
                      modality_name(modality), value.substr(0, 100));
    const auto path = folder.path / value;
    if (folder.opening) folder.opening(path);
    return read_media_file(modality, path);
  }
  const auto comma = value.find(";base64,");
  if (comma == value.npos) throw DataError("data URL: must be base64");
  return make_media_file(modality, decode(value.substr(comma + 8)),
                         std::string(value.substr(0, comma)));
}

void add_media_part(MediaFile file, Document& document) {
  document.parts.push_back({.kind = Part::Kind::kMedia, .media = document.media.size()});
  document.media.push_back(std::move(file));
}

std::string content_key(const Document& document) {
  if (!document.media.empty()) return hex(xxh3_128(document.media.front().bytes));
  std::string text;
  for (const auto& part : document.parts) text += part.text;
  return text;
}

void add_content_part(element part, const MediaFolder& folder, Document& document) {
  object fields;
  if (part.get(fields) != simdjson::SUCCESS) throw DataError("part: must be an object");
  const auto type = string_at(fields, "type");
  if (type == "text") {
    document.parts.push_back({.text = std::string(string_at(fields, "text"))});
  } else if (const auto modality = modality_named(type)) {
    add_media_part(record_media(*modality, string_at(fields, type), folder), document);
  } else if (type == "image_url") {
    const auto url = string_at(object_at(fields, "image_url"), "url");
    add_media_part(record_media(Modality::kImage, url, folder), document);
  } else if (type == "input_audio") {
    auto bytes = decode(string_at(object_at(fields, "input_audio"), "data"));
    add_media_part(make_media_file(Modality::kAudio, std::move(bytes), "input_audio"), document);
  } else {
    throw DataError("part type \"{}\": must be text, image, audio or video", type);
  }
}

bool add_content(const object& record, const MediaFolder& folder, Document& document) {
  const auto content = record.at_key("content");
  if (content.error() == simdjson::NO_SUCH_FIELD || content.is_null()) return false;
  array parts;
  if (content.get(parts) != simdjson::SUCCESS) {
    document.parts.push_back({.text = record_text(record, "content")});
    return true;
  }
  for (const auto part : parts) add_content_part(part, folder, document);
  return true;
}

void add_record(const object& record, const MediaFolder& folder, Document& document) {
  if (add_content(record, folder, document)) {
    if (!record_text(record, "text").empty())
      throw DataError("\"content\" and \"text\": must be one of them");
  } else {
    for (const auto modality : kMediaOrder) add_media_of_key(record, modality, folder, document);
    auto text = record_text(record, "text");
    if (!text.empty()) document.parts.push_back({.text = std::move(text)});
  }
  if (document.parts.empty()) throw DataError("record has neither text nor media");
}

}  // namespace reka::data
