#include "data/corpus/journal.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/log.h"

namespace reka::data {
namespace {

struct FileHead {
  std::array<char, 8> magic = {'r', 'e', 'k', 'a', 'w', 'o', 'r', 'k'};
  uint64_t version = 0;
};

struct RecordHead {
  uint64_t number;
  uint64_t bytes;
  uint64_t hash;  // of the two before and the record
};

template <typename T>
std::string_view view_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

uint64_t hash_of(const RecordHead& head, std::string_view record) {
  Hasher hasher;
  hasher.update(view_of(head).substr(0, offsetof(RecordHead, hash)));
  hasher.update(record);
  return hasher.hash64();
}

}  // namespace

Journal::Journal(std::filesystem::path file, uint64_t version, bool writes)
    : path_(std::move(file)),
      writes_(writes),
      file_(open(path_.c_str(), (writes ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0666)) {
  if (file_ < 0) fail();
  try {
    read_all(version);
  } catch (const DataError&) {
    close(file_);
    throw;
  }
}

Journal::~Journal() {
  close(file_);
}

void Journal::fail() const {
  throw DataError("{}: {}: must be a file to write to", path_.string(), std::strerror(errno));
}

void Journal::read_all(uint64_t version) {
  struct stat state = {};
  if (fstat(file_, &state) != 0) fail();
  const auto size = static_cast<uint64_t>(state.st_size);
  FileHead head;
  if (size < sizeof(head) || !read(0, reinterpret_cast<char*>(&head), sizeof(head)) ||
      view_of(head) != view_of(FileHead{.version = version})) {
    if (!writes_) return;
    if (size > 0) warn("{}: of another version, or damaged: is begun anew", path_.string());
    return begin(version);
  }
  end_ = sizeof(head);
  std::string record;
  while (end_ < size) {
    RecordHead next;
    const bool whole = size - end_ >= sizeof(next) &&
                       read(end_, reinterpret_cast<char*>(&next), sizeof(next)) &&
                       next.bytes <= size - end_ - sizeof(next);
    record.resize(whole ? next.bytes : 0);
    if (!whole || !read(end_ + sizeof(next), record.data(), record.size()) ||
        hash_of(next, record) != next.hash)
      break;
    records_[next.number] = {end_ + sizeof(next), next.bytes};
    end_ += sizeof(next) + next.bytes;
  }
  if (end_ == size || !writes_) return;
  info("data: {}: its last {} bytes are not whole: what they say is done again", path_.string(),
       size - end_);
  if (ftruncate(file_, static_cast<off_t>(end_)) != 0) fail();
}

void Journal::begin(uint64_t version) {
  if (ftruncate(file_, 0) != 0) fail();
  end_ = 0;
  write(view_of(FileHead{.version = version}));
}

bool Journal::read(uint64_t offset, char* bytes, size_t count) const {
  while (count > 0) {
    const auto got = pread(file_, bytes, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    offset += static_cast<uint64_t>(got);
    bytes += got;
    count -= static_cast<size_t>(got);
  }
  return true;
}

void Journal::write(std::string_view bytes) {
  auto at = end_;
  for (auto rest = bytes; !rest.empty();) {
    const auto written = pwrite(file_, rest.data(), rest.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail();
    at += static_cast<uint64_t>(written);
    rest.remove_prefix(static_cast<size_t>(written));
  }
  end_ = at;
}

size_t Journal::size() const {
  const std::lock_guard lock(mutex_);
  return records_.size();
}

std::optional<std::string> Journal::find(uint64_t number) const {
  Place place = {};
  {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(number);
    if (found == records_.end()) return std::nullopt;
    place = found->second;
  }
  std::string record(place.bytes, '\0');
  if (!read(place.offset, record.data(), record.size())) fail();
  return record;
}

void Journal::append(uint64_t number, std::string_view record) {
  RecordHead head{.number = number, .bytes = record.size(), .hash = 0};
  head.hash = hash_of(head, record);
  std::string bytes(view_of(head));
  bytes += record;
  const std::lock_guard lock(mutex_);
  const auto offset = end_ + sizeof(head);
  write(bytes);
  records_[number] = {offset, record.size()};
}

SharedJournal::SharedJournal(const std::filesystem::path& folder, const std::string& name,
                             size_t rank, uint64_t version)
    : base_(folder / name),
      rank_(rank),
      version_(version),
      own_(base_.string() + "-" + std::to_string(rank), version) {}

void SharedJournal::read_others() {
  others_.clear();
  const auto start = base_.filename().string() + "-";
  for (const auto& entry : std::filesystem::directory_iterator(base_.parent_path())) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(start) && name != start + std::to_string(rank_))
      others_.push_back(Journal::to_read(entry.path(), version_));
  }
}

size_t SharedJournal::size() const {
  auto size = own_.size();
  for (const auto& other : others_) size += other->size();
  return size;
}

std::optional<std::string> SharedJournal::find(uint64_t number) const {
  if (auto record = own_.find(number)) return record;
  for (const auto& other : others_) {
    if (auto record = other->find(number)) return record;
  }
  return std::nullopt;
}

}  // namespace reka::data
