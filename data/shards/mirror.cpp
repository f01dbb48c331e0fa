#include "data/shards/mirror.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/shards/format.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/json.h"
#include "reka/base/log.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOrigin = "origin.json";
constexpr const char* kIndexEnd = ".index";

/// Held by one process at a time; its file stays.
class FileLock {
 public:
  explicit FileLock(const fs::path& path)
      : file_(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    if (file_ < 0 || flock(file_, LOCK_EX) != 0)
      throw DataError("{}: {}: expected a cache that can be written", path.string(),
                      std::strerror(errno));
  }
  ~FileLock() { close(file_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_;
};

fs::path expanded(const std::string& folder) {
  if (!folder.starts_with("~/")) return folder;
  const char* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "." : home) / folder.substr(2);
}

/// Letters and digits of the URL, and its hash: readable, and no two the same.
std::string mirror_name(const std::string& url) {
  std::string name;
  for (const char c : url.substr(url.find("//") + 2))
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' ? c : '_';
  return name + "-" + hex(xxh3_64(url)).substr(0, 8);
}

void fetch_small(const std::string& url, const fs::path& path, const Patience& patience) {
  const auto part = fs::path(path) += ".part";
  fs::remove(part);
  download(url, part, 0, patience);
  fs::rename(part, path);
}

/// Marks a file as used now; the time that the kernel would give it is too coarse to order them.
void touch(const fs::path& path) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const timespec times[] = {now, now};
  utimensat(AT_FDCWD, path.c_str(), times, 0);
}

struct CachedFile {
  fs::path path;
  int64_t bytes = 0;
  timespec used{};
};

/// The shards and indices of all mirrors, those used longest ago first.
std::vector<CachedFile> cached_files(const fs::path& cache) {
  std::vector<CachedFile> files;
  for (const auto& entry : fs::recursive_directory_iterator(cache)) {
    const auto end = entry.path().extension();
    struct stat status {};
    if ((end != ".shard" && end != kIndexEnd) || stat(entry.path().c_str(), &status) != 0) continue;
    files.push_back({entry.path(), int64_t{status.st_blocks} * 512, status.st_mtim});
  }
  std::ranges::sort(files, [](const CachedFile& a, const CachedFile& b) {
    return std::pair(a.used.tv_sec, a.used.tv_nsec) < std::pair(b.used.tv_sec, b.used.tv_nsec);
  });
  return files;
}

/// The beginning of a shard and its footer; what lies between takes no room.
void write_sparse(const fs::path& path, const std::string& begin, int64_t bytes) {
  write_file_atomic(path, begin);
  fs::resize_file(path, static_cast<uintmax_t>(bytes) - sizeof(ShardHeader));
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file.write(begin.data(), sizeof(ShardHeader));
  if (!file.flush())
    throw DataError("{}: the disk takes no more: expected room for it", path.string());
}

bool is_readable(const fs::path& path) {
  try {
    const ShardReader reader(path);
    return true;
  } catch (const DataError&) {
    return false;
  }
}

bool is_the_shard(const ShardReader& reader, const ShardInfo& shard) {
  return hex(xxh3_128(std::as_bytes(std::span(&reader.header(), 1)))) == shard.hash;
}

}  // namespace

fs::path local_folder(const std::string& place, const CacheConfig& cache) {
  if (!is_url(place)) return place;
  auto url = place;
  while (url.ends_with('/')) url.pop_back();
  auto folder = expanded(cache.folder) / mirror_name(url);
  std::error_code error;
  fs::create_directories(folder, error);
  const FileLock lock(folder / ".lock");
  const Json origin = {{"url", url},
                       {"bytes", cache.bytes},
                       {"tries", cache.tries},
                       {"stall_seconds", cache.stall_seconds}};
  write_file_atomic(folder / kOrigin, dump_json(origin, 1) + "\n");
  const Patience patience{.tries = cache.tries, .stall_seconds = cache.stall_seconds};
  const auto manifest = folder / Manifest::kFileName;
  try {
    const auto fresh = folder / "fresh";
    fs::create_directories(fresh);
    fetch_small(url + "/tokenizer.model", fresh / "tokenizer.model", patience);
    fetch_small(url + "/" + std::string(Manifest::kFileName), fresh / Manifest::kFileName,
                patience);
    Manifest::load(fresh);
    fs::rename(fresh / "tokenizer.model", folder / "tokenizer.model");
    fs::rename(fresh / Manifest::kFileName, manifest);
  } catch (const DataError& failed) {
    if (!fs::exists(manifest) || !fs::exists(folder / "tokenizer.model")) throw;
    warn("{}: the manifest of the time before is used", failed.what());
  }
  return folder;
}

std::unique_ptr<Mirror> Mirror::open(const fs::path& folder) {
  const auto path = folder / kOrigin;
  if (!fs::exists(path)) return nullptr;
  const auto place = path.string();
  const auto json = parse_json(read_file(path), place);
  auto mirror = std::unique_ptr<Mirror>(new Mirror(folder));
  mirror->url_ = json_value<std::string>(json, "url", place);
  mirror->bytes_ = json_value<int64_t>(json, "bytes", place);
  mirror->patience_.tries = json_value<int64_t>(json, "tries", place);
  mirror->patience_.stall_seconds = json_value<double>(json, "stall_seconds", place);
  return mirror;
}

fs::path Mirror::whole(const ShardInfo& shard, const std::atomic<bool>* stop) {
  auto path = folder_ / shard.file;
  if (fs::exists(path)) {
    touch(path);
    return path;
  }
  const FileLock lock(fs::path(path) += ".lock");  // another process may be at it
  if (!fs::exists(path)) fetch_whole(shard, path, stop);
  touch(path);
  return path;
}

std::shared_ptr<const ShardReader> Mirror::open_shard(const Manifest& manifest,
                                                      const ShardInfo& shard, ShardPart part) {
  while (true) {
    const auto file = part == ShardPart::kAll ? whole(shard) : index(shard);
    try {
      return std::make_shared<const ShardReader>(file, manifest, shard);
    } catch (const DataError&) {
      if (fs::exists(file)) throw;  // else another process has just made room
    }
  }
}

fs::path Mirror::index(const ShardInfo& shard) {
  if (fs::exists(folder_ / shard.file)) return whole(shard);
  auto path = folder_ / (shard.file + kIndexEnd);
  if (fs::exists(path)) {
    touch(path);
    return path;
  }
  const FileLock lock(fs::path(path) += ".lock");
  if (!fs::exists(path)) fetch_index(shard, path);
  touch(path);
  return path;
}

/// What comes is checked before it takes its place: bytes of a cut connection are gone on with,
/// wrong ones are fetched anew.
void Mirror::fetch_whole(const ShardInfo& shard, const fs::path& to,
                         const std::atomic<bool>* stop) {
  make_room(shard.bytes);
  const auto part = fs::path(to) += ".part";
  for (int64_t tries = 1;; ++tries) {
    if (fs::exists(part) && static_cast<int64_t>(fs::file_size(part)) > shard.bytes)
      fs::remove(part);
    download(url(shard), part, shard.bytes, patience_, stop);
    std::string finding = "not the file that manifest.json names";
    try {
      const ShardReader reader(part);
      reader.check_content();
      if (is_the_shard(reader, shard)) break;
    } catch (const DataError& error) {
      finding = error.what();
    }
    fs::remove(part);
    if (tries >= patience_.tries)
      throw DataError("{}: wrong bytes {} times: {}", url(shard), tries, finding);
    warn("{}: wrong bytes: fetched again", url(shard));
  }
  fs::rename(part, to);
  fs::remove(fs::path(to) += kIndexEnd);  // no longer needed
}

void Mirror::fetch_index(const ShardInfo& shard, const fs::path& to) {
  const auto head = static_cast<int64_t>(sizeof(ShardHeader));
  const auto part = fs::path(to) += ".part";
  for (int64_t tries = 1;; ++tries) {
    ShardHeader header;
    auto bytes = download_range(url(shard), 0, head, patience_);
    std::memcpy(&header, bytes.data(), sizeof(header));
    const auto end = static_cast<int64_t>(header.section(Section::kTokens).offset);
    if (hex(xxh3_128(bytes)) == shard.hash && end >= head && end <= shard.bytes - head) {
      bytes += download_range(url(shard), head, end, patience_);
      write_sparse(part, bytes, shard.bytes);
      if (is_readable(part)) break;
    }
    if (tries >= patience_.tries)
      throw DataError("{}: wrong bytes {} times: expected the file that manifest.json names",
                      url(shard), tries);
    warn("{}: wrong bytes: its index is fetched again", url(shard));
  }
  fs::rename(part, to);
}

/// Removes what was used longest ago until `bytes` more fit. An open file keeps its bytes on the
/// disk until it is closed.
void Mirror::make_room(int64_t bytes) {
  const auto cache = folder_.parent_path();
  const FileLock lock(cache / ".lock");
  auto files = cached_files(cache);
  int64_t sum = bytes;
  for (const auto& file : files) sum += file.bytes;
  for (const auto& file : files) {
    if (sum <= bytes_) return;
    std::error_code ignored;
    fs::remove(file.path, ignored);
    sum -= file.bytes;
  }
}

}  // namespace reka::data
