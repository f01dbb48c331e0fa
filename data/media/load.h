#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "data/item.h"
#include "reka/base/media.h"
#include "reka/model/input.h"
#include "reka/model/media_input.h"

namespace reka::data {

/// Decodes one item into MediaInput's values, tile grid and frame times; from any thread, without
/// threads of its own. The shapes follow from media.geometry alone (tile_grid, sampled_times,
/// mel_frames); DataError, starting with "image", "audio" or "video", when the bytes cannot be
/// decoded or are not of that geometry.
MediaInput load_media(const SampleMedia& media, const MediaInputConfig& config);

/// The geometry of an encoded item, checked to be readable. DataError, starting with `name`.
Geometry read_geometry(Modality modality, std::span<const std::byte> bytes, std::string_view name);

/// An item for a document or a prompt. DataError as above.
MediaFile make_media_file(Modality modality, std::string bytes, std::string name);
MediaFile read_media_file(Modality modality, const std::filesystem::path& path);
/// The same for a file that a user names: its picture, or first frame, is decoded too, so that
/// damage inside is told with the path.
MediaFile read_prompt_file(Modality modality, const std::filesystem::path& path);

}  // namespace reka::data
