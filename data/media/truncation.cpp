#include "data/media/truncation.h"

#include <bit>
#include <string_view>

#include "data/media/bytes.h"

namespace reka::data {
namespace {

// The last place of `mark`; npos when there is none.
size_t find_last(Bytes bytes, std::string_view mark) {
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).rfind(mark);
}

// The last page: 27 bytes, the last of which counts the segments, their lengths, the segments.
bool ogg_is_cut(Bytes bytes) {
  const auto page = bytes.subspan(find_last(bytes, "OggS"));
  if (page.size() < 27) return true;
  const auto segments = std::to_integer<size_t>(page[26]);
  if (page.size() < 27 + segments) return true;
  auto length = 27 + segments;
  for (const auto lacing : page.subspan(27, segments)) length += std::to_integer<size_t>(lacing);
  return page.size() < length;
}

// Segments of (0xff, marker, length, content) up to the scan, which lasts until an end marker; a
// thumbnail inside a segment has markers of its own.
bool jpeg_is_cut(Bytes bytes) {
  size_t at = 2;
  while (has_at(bytes, at, "\xff") && !has_at(bytes, at + 1, "\xda"))
    at +=
        has_at(bytes, at + 1, "\xff") ? 1 : 2 + big_endian(bytes, at + 2, 2).value_or(bytes.size());
  return at >= bytes.size() || find_last(bytes.subspan(at), "\xff\xd9") == std::string_view::npos;
}

// A size of 0 or all ones means that the writer did not know it.
bool riff_is_cut(Bytes bytes) {
  const auto size = little_endian(bytes, 4, 4).value_or(0);
  return size != 0 && size != 0xffffffff && bytes.size() < size + 8;
}

// Boxes of (size, type) one behind the other; size 0: to the end, 1: in the next 8 bytes.
bool mp4_is_cut(Bytes bytes) {
  for (size_t at = 0; at < bytes.size();) {
    auto size = big_endian(bytes, at, 4);
    if (size == 0) return false;
    if (size == 1) size = big_endian(bytes, at + 8, 8);
    if (!size || *size < 8 || *size > bytes.size() - at) return true;
    at += *size;
  }
  return false;
}

struct EbmlNumber {
  uint64_t value = 0;
  size_t bytes = 0;  // 0: beyond the end
  bool unknown = false;
};

// The zeros before the first one bit of a number count its further bytes.
EbmlNumber ebml_number(Bytes bytes, size_t at, bool keep_length_bit) {
  const auto first = static_cast<uint8_t>(big_endian(bytes, at, 1).value_or(0));
  if (first == 0) return {};
  const auto count = static_cast<size_t>(std::countl_zero(first)) + 1;
  const auto whole = big_endian(bytes, at, count);
  if (!whole) return {};
  const auto mask = (uint64_t{1} << (7 * count)) - 1;
  return {keep_length_bit ? *whole : *whole & mask, count, (*whole & mask) == mask};
}

// Elements of (id, size, content); the second one is the segment with everything in it.
bool webm_is_cut(Bytes bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const auto id = ebml_number(bytes, at, true);
    const auto size = ebml_number(bytes, at + id.bytes, false);
    if (id.bytes == 0 || size.bytes == 0) return true;
    if (size.unknown) return false;
    at += id.bytes + size.bytes;
    if (size.value > bytes.size() - at) return true;
    at += size.value;
  }
  return false;
}

}  // namespace

bool is_truncated(Bytes bytes) {
  if (has_at(bytes, 0, "\x89PNG")) return find_last(bytes, "IEND") == std::string_view::npos;
  if (has_at(bytes, 0, "\xff\xd8\xff")) return jpeg_is_cut(bytes);
  if (has_at(bytes, 0, "OggS")) return ogg_is_cut(bytes);
  if (has_at(bytes, 0, "RIFF")) return riff_is_cut(bytes);
  if (has_at(bytes, 4, "ftyp")) return mp4_is_cut(bytes);
  if (has_at(bytes, 0, "\x1a\x45\xdf\xa3")) return webm_is_cut(bytes);
  return false;
}

}  // namespace reka::data
