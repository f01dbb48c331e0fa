// peers_mel BANDS PAD FOLDER FILE...: for each recording its samples and its log-mel, as raw floats
// in FOLDER/N.samples and FOLDER/N.mel, for tests/peers/mel.py.

#include "data/media/mel.h"

#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>

#include <ATen/core/Tensor.h>
#include <fmt/core.h>

#include "data/media/audio.h"
#include "reka/base/files.h"

namespace {

void write_floats(const std::filesystem::path& path, const float* values, size_t count) {
  reka::write_file_atomic(path, {reinterpret_cast<const char*>(values), count * sizeof(float)});
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<size_t>(argc));
  const auto bands = std::stoll(arguments[1]);
  const auto pad = std::stoll(arguments[2]);
  const std::filesystem::path folder = arguments[3];
  for (size_t i = 4; i < arguments.size(); ++i) {
    const auto bytes = reka::read_file(arguments[i]);
    const auto samples = reka::data::decode_audio(std::as_bytes(std::span(bytes)), arguments[i]);
    const auto mel = reka::data::log_mel(samples, bands, pad).contiguous();
    write_floats(folder / fmt::format("{}.samples", i - 4), samples.data(), samples.size());
    write_floats(folder / fmt::format("{}.mel", i - 4), mel.const_data_ptr<float>(),
                 static_cast<size_t>(mel.numel()));
  }
}
