#include "data/corpus/record.h"

#include <optional>
#include <utility>

#include "data/media/load.h"
#include "reka/base/base64.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

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

}  // namespace

MediaFile record_media(Modality modality, std::string_view value,
                       const std::filesystem::path& folder) {
  if (!value.starts_with("data:")) return read_media_file(modality, folder / value);
  const auto comma = value.find(";base64,");
  if (comma == value.npos) throw DataError("data URL: must be base64");
  return make_media_file(modality, decode(value.substr(comma + 8)),
                         std::string(value.substr(0, comma)));
}

void add_media_part(MediaFile file, Document& document) {
  document.parts.push_back({.kind = Part::Kind::kMedia, .media = document.media.size()});
  document.media.push_back(std::move(file));
}

void add_content_part(element part, const std::filesystem::path& folder, Document& document) {
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

}  // namespace reka::data
