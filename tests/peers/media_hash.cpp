// What media_hash.py holds against pdqhash, for each picture as a JSON line {"height", "width",
// "quality", "hashes": [8 of 256 bits as 0 and 1]}:
//   peers_media_hash hash CONFIG PACKAGES SOURCE MOST FOLDER   pictures of a source of the config,
//       each once; their pixels as raw RGB in FOLDER/N.rgb
//   peers_media_hash files FILE...                             pictures in files

#include <filesystem>
#include <set>
#include <span>
#include <string>

#include <ATen/core/Tensor.h>
#include <fmt/core.h>

#include "data/build.h"
#include "data/media/image.h"
#include "data/media/perceptual_hash.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/json.h"
#include "reka/base/reader.h"

namespace {

using namespace reka;
using namespace reka::data;

void print_hashes(const at::Tensor& image) {
  const auto hashes = hash_picture(image);
  Json line = {{"height", image.size(1)}, {"width", image.size(2)}, {"quality", hashes.quality}};
  for (const auto& hash : hashes.of) {
    std::string bits;
    for (size_t n = 0; n < 256; ++n) bits += (hash.words[n / 64] >> (n % 64) & 1) != 0 ? '1' : '0';
    line["hashes"].push_back(std::move(bits));
  }
  fmt::print("{}\n", dump_json(line));
}

void write_pixels(const at::Tensor& image, const std::filesystem::path& path) {
  const auto pixels = image.permute({1, 2, 0}).contiguous();  // [H, W, 3]
  write_file_atomic(path, {reinterpret_cast<const char*>(pixels.const_data_ptr<uint8_t>()),
                           static_cast<size_t>(pixels.numel())});
}

void print_source(std::span<char*> arguments) {
  const auto config = load_config<DataBuildConfig>(arguments[0]).config.data;
  const auto most = std::stoull(arguments[3]);
  const std::filesystem::path folder = arguments[4];
  std::set<uint64_t> seen;
  const auto use = [&](Document&& document) {
    const auto& file = document.media.at(0);
    if (seen.size() == most || !seen.insert(xxh3_64(file.bytes)).second) return;
    const auto image = decode_image(as_bytes(file.bytes), file.name);
    print_hashes(image);
    write_pixels(image, folder / fmt::format("{}.rgb", seen.size() - 1));
  };
  for (const auto& [name, source] : config.sources) {
    if (name != arguments[2]) continue;
    const auto reader = open_source(source, {name, arguments[1]});
    for (size_t unit = 0; unit < reader->num_units(); ++unit) {
      reader->read(unit, use, [](const Skipped&) {});
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv + 1, static_cast<size_t>(argc - 1));
  if (arguments[0] == std::string_view("hash")) {
    print_source(arguments.subspan(1));
  } else {
    for (const auto* path : arguments.subspan(1)) {
      const auto bytes = read_file(path);
      print_hashes(decode_image(as_bytes(bytes), path));
    }
  }
}
