#include "data/corpus/tar.h"

#include <algorithm>
#include <cerrno>

#include <archive.h>
#include <archive_entry.h>

#include "reka/base/error.h"

namespace reka::data {
namespace {

constexpr size_t kTarPieceBytes = 256 << 10;
constexpr uint64_t kBlockBytes = 512;  // an archive ends with two blocks of zeros

// Names as they stand there; those that are given as UTF-8 do not depend on the locale.
std::string name_of(archive_entry* entry) {
  const auto* name = archive_entry_pathname(entry);
  if (name == nullptr) name = archive_entry_pathname_utf8(entry);
  return name == nullptr ? "" : name;
}

}  // namespace

TarReader::TarReader(const std::filesystem::path& path, int64_t max_bytes)
    : stream_(path), max_bytes_(max_bytes), buffer_(kTarPieceBytes), tar_(archive_read_new()) {
  archive_read_support_format_tar(tar_);
  archive_read_set_options(tar_, "tar:read_concatenated_archives");
  if (archive_read_open(tar_, this, nullptr, read_piece, nullptr) != ARCHIVE_OK) fail();
}

TarReader::~TarReader() {
  archive_read_free(tar_);
}

long TarReader::read_piece(archive* tar, void* self, const void** piece) {
  auto& reader = *static_cast<TarReader*>(self);
  try {
    const auto got = reader.stream_.read(reader.buffer_.data(), reader.buffer_.size());
    *piece = reader.buffer_.data();
    const auto end = reader.buffer_.rbegin() + static_cast<long>(reader.buffer_.size() - got);
    const auto last = std::find_if(end, reader.buffer_.rend(), [](char c) { return c != 0; });
    const auto zeros = static_cast<uint64_t>(last - end);
    reader.trailing_zeros_ = zeros == got ? reader.trailing_zeros_ + zeros : zeros;
    return static_cast<long>(got);
  } catch (const DataError& error) {
    archive_set_error(tar, EIO, "%s", error.what());
    return ARCHIVE_FATAL;
  }
}

TarReader::Got TarReader::fail() {
  const auto* message = archive_error_string(tar_);
  failure_ = message == nullptr ? "damaged tar archive" : message;
  return Got::kFailed;
}

TarReader::Got TarReader::next(Member& member) {
  if (!failure_.empty()) return Got::kFailed;
  archive_entry* entry = nullptr;
  while (true) {
    const auto result = archive_read_next_header(tar_, &entry);
    if (result == ARCHIVE_EOF) return trailing_zeros_ < kBlockBytes ? Got::kUnended : Got::kEnd;
    if (result == ARCHIVE_RETRY) return Got::kDamaged;
    if (result < ARCHIVE_WARN) return fail();
    const auto type = archive_entry_filetype(entry);
    member.is_link = archive_entry_hardlink(entry) != nullptr || type == AE_IFLNK;
    if (type != AE_IFREG && !member.is_link) continue;
    member.name = name_of(entry);
    member.size = member.is_link ? 0 : archive_entry_size(entry);
    member.bytes.clear();
    if (member.is_link) return Got::kFile;
    return member.size > max_bytes_ || read_member(member) ? Got::kFile : fail();
  }
}

bool TarReader::read_member(Member& member) {
  // What is there decides how much is held, not what the header says.
  std::vector<char> piece(std::min(kTarPieceBytes, static_cast<size_t>(member.size)));
  while (member.bytes.size() < static_cast<size_t>(member.size)) {
    const auto got = archive_read_data(tar_, piece.data(), piece.size());
    if (got < 0) return false;
    if (got == 0) break;
    member.bytes.append(piece.data(), static_cast<size_t>(got));
  }
  return true;
}

}  // namespace reka::data
