#include "data/shards/reader.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "data/shards/mirror.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/log.h"

namespace reka::data {
namespace {

/// Ascending from 0 to `end`: whatever lies between two values is inside.
template <typename T>
bool covers(std::span<const T> begins, uint64_t end) {
  return begins.front() == 0 && begins.back() == end && std::ranges::is_sorted(begins);
}

}  // namespace

void ShardReader::fail(std::string_view finding) const {
  throw DataError("{}: {}: expected an undamaged shard; build it again", path_.string(), finding);
}

ShardReader::ShardReader(const std::filesystem::path& file) : path_(file), file_(file) {
  read_header();
  check_sections();
  find_columns();
  check_columns();
  check_media();
  language_index_.resize(header_.num_languages);
  std::iota(language_index_.begin(), language_index_.end(), 0);
  verified_ = std::make_unique<std::atomic<bool>[]>(size());
}

ShardReader::ShardReader(const std::filesystem::path& file, const Manifest& manifest,
                         const ShardInfo& info)
    : ShardReader(file) {
  if (hex(xxh3_128(std::as_bytes(std::span(&header_, 1)))) != info.hash)
    fail("not the file that manifest.json names");
  source_index_ = manifest.find_source(source());
  for (size_t i = 0; i < language_index_.size(); ++i) {
    const auto found = std::ranges::find(manifest.languages, text(1 + i));
    if (source_index_ < 0 || found == manifest.languages.end())
      fail("a source or language that manifest.json does not name");
    language_index_[i] = static_cast<int32_t>(found - manifest.languages.begin());
  }
}

void ShardReader::read_header() {
  const auto bytes = file_.bytes();
  if (bytes.size() < sizeof(ShardHeader::kMagic) ||
      std::memcmp(bytes.data(), ShardHeader::kMagic.data(), sizeof(ShardHeader::kMagic)) != 0)
    fail(bytes.empty() ? "empty" : "not a shard");
  if (bytes.size() < 2 * sizeof(header_)) fail("truncated inside its header");
  std::memcpy(&header_, bytes.data(), sizeof(header_));
  if (header_.hash != header_.compute_hash()) fail("header damaged");
  if (header_.version != ShardHeader::kVersion)
    fail(fmt::format("version {}, not {}", header_.version, ShardHeader::kVersion));
  if (header_.file_bytes != bytes.size())
    fail(fmt::format("{} bytes long, not {}", bytes.size(), header_.file_bytes));
  if (std::memcmp(&header_, bytes.last(sizeof(header_)).data(), sizeof(header_)) != 0)
    fail("footer differs from its header");
}

void ShardReader::check_sections() const {
  uint64_t end = sizeof(ShardHeader);
  const auto last = file_.size() - sizeof(ShardHeader);
  for (const auto& entry : header_.sections) {
    if (entry.offset != end || entry.length > last - end) fail("section table out of range");
    end = aligned(end + entry.length);
    if (end > last) fail("section table out of range");
    const auto padding =
        file_.bytes().subspan(entry.offset + entry.length, end - entry.offset - entry.length);
    if (std::ranges::any_of(padding, [](std::byte b) { return b != std::byte{0}; }))
      fail("padding damaged");
  }
  if (end != last) fail("section table out of range");
  for (const auto name : {Section::kIndex, Section::kTargets, Section::kMedia, Section::kStrings})
    if (xxh3_64(section(name)) != header_.section(name).hash) fail("index damaged");
}

std::span<const std::byte> ShardReader::section(Section name) const {
  const auto& entry = header_.section(name);
  return file_.bytes().subspan(entry.offset, entry.length);
}

template <typename T>
std::span<const T> ShardReader::column(uint64_t offset, uint64_t count) const {
  const auto bytes = section(Section::kIndex).subspan(offset, count * sizeof(T));
  return {reinterpret_cast<const T*>(bytes.data()), count};
}

void ShardReader::find_columns() {
  const auto n = header_.num_samples;
  const auto languages = header_.num_languages;
  const auto index_bytes = header_.section(Section::kIndex).length;
  if (n > index_bytes || languages > index_bytes) fail("counts out of range");
  const IndexLayout at(n, languages);
  // Divided, not multiplied: a count may be so large that the product fits again.
  const auto holds = [&](Section name, uint64_t count, uint64_t bytes) {
    return section(name).size() % bytes == 0 && section(name).size() / bytes == count;
  };
  const uint64_t token_bytes = (header_.flags & ShardHeader::kWideTokens) != 0 ? 4 : 2;
  if (at.length != index_bytes || !holds(Section::kTokens, header_.num_tokens, token_bytes) ||
      !holds(Section::kTargets, header_.num_targets, sizeof(TargetRun)) ||
      !holds(Section::kMedia, header_.num_media, sizeof(MediaRecord)))
    fail("counts out of range");
  token_begin_ = column<uint64_t>(at.token_begin, n + 1);
  id_ = column<uint64_t>(at.id, n);
  key_ = column<uint64_t>(at.key, n);
  target_begin_ = column<uint32_t>(at.target_begin, n + 1);
  media_begin_ = column<uint32_t>(at.media_begin, n + 1);
  text_bytes_ = column<uint32_t>(at.text_bytes, n);
  string_begin_ = column<uint32_t>(at.string_begin, n + languages + 2);
  language_ = column<uint16_t>(at.language, n);
  flags_ = column<uint8_t>(at.flags, n);
  row_ = column<uint64_t>(at.row, n);
  alike_ = column<uint32_t>(at.alike, n);
  targets_ = {reinterpret_cast<const TargetRun*>(section(Section::kTargets).data()),
              header_.num_targets};
  media_ = {reinterpret_cast<const MediaRecord*>(section(Section::kMedia).data()),
            header_.num_media};
}

void ShardReader::check_columns() const {
  const auto known = [&](uint16_t language) { return language < header_.num_languages; };
  if (!covers(token_begin_, header_.num_tokens) || !covers(target_begin_, header_.num_targets) ||
      !covers(media_begin_, header_.num_media) ||
      !covers(string_begin_, section(Section::kStrings).size()) ||
      !std::ranges::all_of(language_, known) || header_.split >= kSplitNames.size())
    fail("index out of range");
  for (size_t i = 0; i < size(); ++i) {
    int64_t end = 0;
    for (const auto& run : targets(i)) {
      if (run.begin < end || run.length <= 0) fail("target runs out of order");
      end = int64_t{run.begin} + run.length;
    }
    if (end > num_tokens(i)) fail("target runs out of range");
  }
}

void ShardReader::check_media() const {
  const auto blob_bytes = section(Section::kBlobs).size();
  for (size_t i = 0; i < size(); ++i) {
    int64_t after = 0;
    for (const auto& item : media(i)) {
      if (item.token < after || item.token >= num_tokens(i)) fail("media out of order");
      if (item.modality == 0 || item.modality >= kModalityNames.size()) fail("unknown modality");
      if (item.blob_begin > blob_bytes || item.blob_bytes > blob_bytes - item.blob_begin)
        fail("media out of range");
      after = int64_t{item.token} + 1;
    }
  }
}

std::string_view ShardReader::text(size_t index) const {
  const auto bytes = section(Section::kStrings);
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())
      .substr(string_begin_[index], string_begin_[index + 1] - string_begin_[index]);
}

int64_t ShardReader::num_tokens(size_t sample) const {
  return static_cast<int64_t>(token_begin_[sample + 1] - token_begin_[sample]);
}

std::span<const TargetRun> ShardReader::targets(size_t sample) const {
  return targets_.subspan(target_begin_[sample], target_begin_[sample + 1] - target_begin_[sample]);
}

std::span<const MediaRecord> ShardReader::media(size_t sample) const {
  return media_.subspan(media_begin_[sample], media_begin_[sample + 1] - media_begin_[sample]);
}

SampleView ShardReader::sample(size_t sample) const {
  SampleView view{.id = id_[sample],
                  .targets = targets(sample),
                  .text_bytes = text_bytes_[sample],
                  .document_id = document_id(sample),
                  .whole = whole(sample),
                  .key = key_[sample],
                  .source = source_index_,
                  .language = this->language(sample),
                  .split = split()};
  const auto tokens = section(Section::kTokens);
  const auto begin = token_begin_[sample];
  const auto count = static_cast<size_t>(num_tokens(sample));
  const auto unpack = [&]<typename T>(const T* first) {
    view.tokens.assign(first + begin, first + begin + count);
  };
  if ((header_.flags & ShardHeader::kWideTokens) != 0)
    unpack(reinterpret_cast<const int32_t*>(tokens.data()));
  else
    unpack(reinterpret_cast<const uint16_t*>(tokens.data()));
  for (const auto& item : media(sample))
    view.media.push_back({static_cast<Modality>(item.modality), item.geometry(), item.token,
                          section(Section::kBlobs).subspan(item.blob_begin, item.blob_bytes)});
  if (!verified_[sample].load(std::memory_order_relaxed)) {
    if (content_hash(view.tokens, view.targets, view.media) != view.id)
      fail(fmt::format("sample {} ({}) damaged", sample, view.document_id));
    verified_[sample].store(true, std::memory_order_relaxed);
  }
  return view;
}

void ShardReader::check_content() const {
  for (const auto name : {Section::kTokens, Section::kBlobs})
    if (xxh3_64(section(name)) != header_.section(name).hash) fail("content damaged");
}

Sample ShardReader::copy(size_t sample) const {
  const auto view = this->sample(sample);
  Sample copied{.tokens = view.tokens,
                .targets = {view.targets.begin(), view.targets.end()},
                .media = view.media,
                .text_bytes = view.text_bytes,
                .document_id = std::string(view.document_id),
                .whole = view.whole,
                .key = view.key,
                .source = std::string(source()),
                .language = std::string(text(1 + language_[sample])),
                .split = split(),
                .origin = origin(sample)};
  for (auto& item : copied.media) {
    copied.files.push_back(std::make_shared<const std::string>(
        reinterpret_cast<const char*>(item.bytes.data()), item.bytes.size()));
    item.bytes = as_bytes(*copied.files.back());
  }
  return copied;
}

std::shared_ptr<const ShardReader> open_shard(const std::filesystem::path& folder,
                                              const Manifest& manifest, size_t shard,
                                              ShardPart part) {
  const auto& info = manifest.shards[shard];
  if (const auto mirror = Mirror::open(folder)) return mirror->open_shard(manifest, info, part);
  const auto file = folder / info.file;
  if (!std::filesystem::exists(file))
    throw DataError("{}: is missing: expected the shard that {} names; build it again",
                    file.string(), Manifest::kFileName);
  return std::make_shared<const ShardReader>(file, manifest, info);
}

void visit_samples(const std::filesystem::path& folder, Split split,
                   const std::function<bool(Sample&&)>& take) {
  const auto manifest = Manifest::load(folder);
  for (size_t shard = 0; shard < manifest.shards.size(); ++shard) {
    if (manifest.shards[shard].split != split) continue;
    const auto reader = open_shard(folder, manifest, shard, ShardPart::kAll);
    for (size_t i = 0; i < reader->size(); ++i) {
      Sample sample;
      try {
        sample = reader->copy(i);
      } catch (const DataError& error) {
        warn("{}: left out", error.what());
        continue;
      }
      if (!take(std::move(sample))) return;
    }
  }
}

}  // namespace reka::data
