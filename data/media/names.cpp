#include "data/media/names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace reka::data {
namespace {

// clang-format off
constexpr std::array<std::pair<std::string_view, Modality>, 20> kExtensions = {{
    {"jpg", Modality::kImage}, {"jpeg", Modality::kImage}, {"png", Modality::kImage},
    {"webp", Modality::kImage}, {"bmp", Modality::kImage}, {"tif", Modality::kImage},
    {"tiff", Modality::kImage}, {"ppm", Modality::kImage}, {"wav", Modality::kAudio},
    {"flac", Modality::kAudio}, {"mp3", Modality::kAudio}, {"ogg", Modality::kAudio},
    {"oga", Modality::kAudio}, {"opus", Modality::kAudio}, {"m4a", Modality::kAudio},
    {"mp4", Modality::kVideo}, {"webm", Modality::kVideo}, {"mkv", Modality::kVideo},
    {"mov", Modality::kVideo}, {"avi", Modality::kVideo}}};
// clang-format on

}  // namespace

std::string extension_of(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == name.npos) return "";
  std::string extension(name.substr(dot + 1));
  std::ranges::transform(extension, extension.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return extension;
}

std::optional<Modality> modality_of_extension(std::string_view extension) {
  const auto* found =
      std::ranges::find(kExtensions, extension, [](const auto& known) { return known.first; });
  return found == kExtensions.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace reka::data
