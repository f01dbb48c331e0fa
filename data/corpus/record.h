#pragma once

#include <filesystem>
#include <string>

#include <simdjson.h>

#include "data/corpus/document.h"

namespace reka::data {

/// The medium that a string of a record stands for: a path, beside `folder` when relative, or a
/// data URL (data:image/png;base64,...). Throws DataError: what is wrong with it.
MediaFile record_media(Modality modality, std::string_view value,
                       const std::filesystem::path& folder);

/// Puts one content part in the way of OpenAI's messages behind the others:
///   {"type": "text", "text": "..."}, {"type": "image", "image": PATH}, so too audio and video,
///   {"type": "image_url", "image_url": {"url": URL}},
///   {"type": "input_audio", "input_audio": {"data": BASE64, "format": "wav"}}.
/// Throws DataError: what is wrong with it.
void add_content_part(simdjson::dom::element part, const std::filesystem::path& folder,
                      Document& document);

void add_media_part(MediaFile file, Document& document);

}  // namespace reka::data
