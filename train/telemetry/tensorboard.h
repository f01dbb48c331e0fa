#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "reka/base/append_file.h"

namespace reka::train {

/// CRC-32C (Castagnoli) of bytes, and the masked form that TFRecord stores.
uint32_t crc32c(std::string_view bytes);
uint32_t masked_crc32c(std::string_view bytes);

/// One file of TensorBoard events: TFRecord frames around `Event` messages, written by hand
/// (tensorboard/compat/proto/{event,summary}.proto). Loss of an event file is no reason to stop:
/// one that cannot be opened is warned of, and on a full disk the frames wait for room.
class EventWriter {
 public:
  /// Opens a new file in `folder`. TensorBoard forgets what earlier files of the folder say about
  /// `first_step` and later ones.
  EventWriter(const std::filesystem::path& folder, int64_t first_step);
  ~EventWriter() { flush(); }
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;

  void scalar(std::string_view tag, int64_t step, double value);
  void flush();

 private:
  void record(std::string_view event);

  std::unique_ptr<AppendFile> file_;
  std::string frames_;  // since the last flush
};

}  // namespace reka::train
