#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "data/corpus/document.h"

namespace reka::data {

/// Media that are named beside a text stand before it in this order.
inline constexpr std::array<Modality, 3> kMediaOrder = {Modality::kImage, Modality::kVideo,
                                                        Modality::kAudio};

/// What the paths of a record mean.
struct MediaFolder {
  std::filesystem::path path;  // where relative ones start
  std::function<void(const std::filesystem::path&)> opening =
      {};  // told of each file before it is read
};

/// A line of JSON as a record, valid until the parser's next. Throws DataError: what is wrong.
simdjson::dom::object parse_record(simdjson::dom::parser& parser, std::string_view line);

/// The keys of a record for add_record, and those that every kind of record may have.
const std::vector<std::string>& record_keys();
const std::vector<std::string>& common_record_keys();

/// The keys of a record that are none of `known`.
std::vector<std::string> unknown_keys(const simdjson::dom::object& record,
                                      const std::vector<std::string>& known);

/// Throws DataError for a record with a key that is none of `known`.
void expect_known_keys(const simdjson::dom::object& record, const std::vector<std::string>& known);

/// Text at `key`: numbers are text too, null and an absent key are "". Throws DataError.
std::string record_text(const simdjson::dom::object& record, std::string_view key);

/// The medium that a string of a record stands for: a path or a data URL
/// (data:image/png;base64,...). Throws DataError: what is wrong with it.
MediaFile record_media(Modality modality, std::string_view value, const MediaFolder& folder);

/// Puts one content part in the way of OpenAI's messages behind the others:
///   {"type": "text", "text": "..."}, {"type": "image", "image": PATH}, so too audio and video,
///   {"type": "image_url", "image_url": {"url": URL}},
///   {"type": "input_audio", "input_audio": {"data": BASE64, "format": "wav"}}.
/// Throws DataError: what is wrong with it.
void add_content_part(simdjson::dom::element part, const MediaFolder& folder, Document& document);

/// The parts of "content", text alone or a list of them; false without it. Throws DataError.
bool add_content(const simdjson::dom::object& record, const MediaFolder& folder,
                 Document& document);

/// "content", or else "image", "video" and "audio" (a path or several) and "text" behind them.
/// Throws DataError: what is wrong with the record, or that there is nothing in it.
void add_record(const simdjson::dom::object& record, const MediaFolder& folder, Document& document);

void add_media_part(MediaFile file, Document& document);

/// The key of a document that has none of its own: documents that say different things of one
/// medium have the same.
std::string content_key(const Document& document);

}  // namespace reka::data
