#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace reka::train {

/// CRC-32C (Castagnoli) of bytes, and the masked form that TFRecord stores.
uint32_t crc32c(std::string_view bytes);
uint32_t masked_crc32c(std::string_view bytes);

/// One file of TensorBoard events: TFRecord frames around `Event` messages, written by hand
/// (tensorboard/compat/proto/{event,summary}.proto). Loss of an event file is no reason to stop:
/// a write that fails is warned of once and the rest is dropped.
class EventWriter {
 public:
  /// Opens a new file in `folder`. With `first_step` > 0 TensorBoard forgets what earlier files of
  /// the folder say about this step and later ones.
  EventWriter(const std::filesystem::path& folder, int64_t first_step);

  void scalar(std::string_view tag, int64_t step, double value);
  void flush();

 private:
  void record(std::string_view event);

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace reka::train
