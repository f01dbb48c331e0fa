#include "train/telemetry/tensorboard.h"

#include <array>
#include <bit>
#include <chrono>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "reka/base/error.h"
#include "reka/base/log.h"

namespace reka::train {
namespace {

/// Fields of a protobuf message: key = field number * 8 + wire type.
class Message {
 public:
  Message& number(uint32_t field, uint64_t value) {
    varint(field << 3);
    varint(value);
    return *this;
  }
  Message& fixed64(uint32_t field, double value) { return fixed(field << 3 | 1, value); }
  Message& fixed32(uint32_t field, float value) { return fixed(field << 3 | 5, value); }
  Message& bytes(uint32_t field, std::string_view value) {
    varint(field << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  const std::string& str() const { return bytes_; }

 private:
  template <typename T>
  Message& fixed(uint32_t key, T value) {
    varint(key);
    std::array<char, sizeof(T)> raw;
    std::memcpy(raw.data(), &value, sizeof(T));
    bytes_.append(raw.data(), raw.size());
    return *this;
  }
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

constexpr std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table = {};
  for (uint32_t i = 0; i < 256; ++i) {
    auto crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
    table[i] = crc;
  }
  return table;
}

template <typename T>
std::string little_endian(T value) {
  static_assert(std::endian::native == std::endian::little);
  return {reinterpret_cast<const char*>(&value), sizeof(T)};
}

double wall_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Event: 1 wall_time, 2 step, 3 file_version, 5 summary, 7 session_log.
Message event(int64_t step) {
  return Message().fixed64(1, wall_time()).number(2, static_cast<uint64_t>(step));
}

std::filesystem::path new_file(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const auto prefix = fmt::format("events.out.tfevents.{}.{}", static_cast<int64_t>(wall_time()),
                                  static_cast<int64_t>(getpid()));
  auto path = folder / prefix;
  for (int number = 1; std::filesystem::exists(path); ++number) {
    path = folder / fmt::format("{}.{}", prefix, number);
  }
  return path;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static constexpr auto kTable = crc_table();
  uint32_t crc = 0xffffffff;
  for (const auto byte : bytes)
    crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(byte)) & 0xff];
  return ~crc;
}

uint32_t masked_crc32c(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xa282ead8U;
}

EventWriter::EventWriter(const std::filesystem::path& folder, int64_t first_step) {
  try {
    file_ = std::make_unique<AppendFile>(new_file(folder));
  } catch (const DataError& error) {
    warn("{}: no TensorBoard events", error.what());
  }
  record(event(0).bytes(3, "brain.Event:2").str());
  // SessionLog: 1 status, where START = 1 makes TensorBoard purge later steps of earlier files.
  record(event(first_step).bytes(7, Message().number(1, 1).str()).str());
}

void EventWriter::scalar(std::string_view tag, int64_t step, double value) {
  // Summary: repeated 1 value; Value: 1 tag, 2 simple_value.
  const auto entry = Message().bytes(1, tag).fixed32(2, static_cast<float>(value));
  record(event(step).bytes(5, Message().bytes(1, entry.str()).str()).str());
}

void EventWriter::record(std::string_view event) {
  const auto length = little_endian<uint64_t>(event.size());
  frames_ += length + little_endian(masked_crc32c(length)) + std::string(event) +
             little_endian(masked_crc32c(event));
}

void EventWriter::flush() {
  if (file_) file_->append(frames_);
  frames_.clear();
}

}  // namespace reka::train
