#include "data/media/load.h"

#include <cmath>

#include <ATen/ops/stack.h>

#include "data/media/audio.h"
#include "data/media/image.h"
#include "data/media/mel.h"
#include "data/media/one_thread.h"
#include "data/media/video.h"
#include "reka/base/error.h"
#include "reka/base/files.h"

namespace reka::data {
namespace {

void check_size(const at::Tensor& picture, const Geometry& geometry, std::string_view name) {
  if (picture.size(1) != geometry.height || picture.size(2) != geometry.width)
    throw DataError("{}: is {} x {} pixels: must be {} x {} as recorded", name, picture.size(2),
                    picture.size(1), geometry.width, geometry.height);
}

void load_image(MediaInput& input, const SampleMedia& media, const ImageInputConfig& config) {
  const auto image = decode_image(media.bytes, "image");
  check_size(image, media.geometry, "image");
  input.values = image_tiles(image, config);
}

void load_video(MediaInput& input, const SampleMedia& media, const MediaInputConfig& config) {
  const auto times = sampled_times(media.geometry, config.video);
  const auto size = config.image.tile_size;
  const auto frames = decode_frames(media.bytes, times, "video", [&](const at::Tensor& frame) {
    check_size(frame, media.geometry, "video");
    return resize_image(frame, size, size);
  });
  input.values = normalise_colours(at::stack(frames), config.image);  // [frames, 3, S, S]
}

void load_audio(MediaInput& input, const SampleMedia& media, const AudioInputConfig& config) {
  const auto samples = decode_audio(media.bytes, "audio");
  const auto recorded = std::llround(media.geometry.seconds * kSampleRate);
  if (static_cast<int64_t>(samples.size()) != recorded)
    throw DataError("audio: has {} samples at 16 kHz: must have {} as recorded", samples.size(),
                    recorded);
  input.values = log_mel(samples, config.mels);
}

}  // namespace

MediaInput load_media(const SampleMedia& media, const MediaInputConfig& config) {
  const OneThread one_thread;
  MediaInput input{.modality = media.modality};
  switch (media.modality) {
    case Modality::kImage:
      load_image(input, media, config.image);
      break;
    case Modality::kVideo:
      load_video(input, media, config);
      break;
    case Modality::kAudio:
      load_audio(input, media, config.audio);
      break;
    case Modality::kText:
      TORCH_CHECK(false, "load_media: text is no media item");
  }
  return input;
}

Geometry read_geometry(Modality modality, std::span<const std::byte> bytes, std::string_view name) {
  switch (modality) {
    case Modality::kImage:
      return read_image_geometry(bytes, name);
    case Modality::kVideo:
      return read_video_geometry(bytes, name);
    case Modality::kAudio:
      return read_audio_geometry(bytes, name);
    case Modality::kText:
      break;
  }
  TORCH_CHECK(false, "read_geometry: text is no media item");
}

MediaFile make_media_file(Modality modality, std::string bytes, std::string name) {
  const auto geometry = read_geometry(modality, as_bytes(bytes), name);
  return {modality, std::move(bytes), geometry, std::move(name)};
}

MediaFile read_media_file(Modality modality, const std::filesystem::path& path) {
  std::error_code absent;  // read_file says so
  const auto status = std::filesystem::status(path, absent);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw DataError("{}: is a folder, pipe or device: must be a file", path.string());
  // Files of the kernel too, which have no size and may never end.
  if (std::filesystem::exists(status) && std::filesystem::file_size(path, absent) == 0)
    throw DataError("{}: empty file", path.string());
  return make_media_file(modality, read_file(path), path.string());
}

MediaFile read_prompt_file(Modality modality, const std::filesystem::path& path) {
  auto file = read_media_file(modality, path);
  constexpr float kFirst = 0;
  if (modality == Modality::kImage) decode_image(as_bytes(file.bytes), file.name);
  if (modality == Modality::kVideo) decode_frames(as_bytes(file.bytes), {&kFirst, 1}, file.name);
  return file;
}

}  // namespace reka::data
