#include "data/shards/writer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <limits>
#include <utility>
#include <vector>

#include "data/shards/format.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/words.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kShardExtension = ".shard";

void check_name(const std::string& source) {
  if (!is_plain_name(source))
    throw DataError("source \"{}\": a name of shard files: expected letters, digits, - and _",
                    source);
}

/// What a reader relies on: a sample that contradicts itself never reaches a shard.
void check_sample(const Sample& sample) {
  const auto fail = [&](std::string_view finding) {
    throw DataError("{}/{}: sample {}", sample.source, sample.document_id, finding);
  };
  const auto size = static_cast<int64_t>(sample.tokens.size());
  if (size == 0 || size > std::numeric_limits<int32_t>::max()) fail("has no tokens, or too many");
  if (std::ranges::any_of(sample.tokens, [](int32_t id) { return id < 0; }))
    fail("has a token below 0");
  int64_t end = 0;
  for (const auto& run : sample.targets) {
    if (run.begin < end || run.length <= 0) fail("has target runs out of order");
    end = int64_t{run.begin} + run.length;
  }
  if (end > size) fail("has target runs beyond its tokens");
  int64_t after = 0;
  for (const auto& item : sample.media) {
    if (item.token < after || item.token >= size) fail("has media out of order");
    if (item.modality == Modality::kText) fail("has text as a medium");
    after = item.token + 1;
  }
}

template <typename T>
void put_column(std::string& section, uint64_t offset, const std::vector<T>& column) {
  const auto bytes = std::as_bytes(std::span(column));
  std::ranges::copy(bytes, reinterpret_cast<std::byte*>(section.data() + offset));
}

template <typename T>
std::string bytes_of(const std::vector<T>& column) {
  const auto bytes = std::as_bytes(std::span(column));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The samples of one source and split that wait for their shard.
class OpenShard {
 public:
  uint64_t bytes() const { return tokens_.size() * 2 + blobs_.size() + names_.size() + index_; }

  void add(const Sample& sample);
  /// The whole file.
  std::string encode(const std::string& source, Split split, uint64_t tokenizer) const;
  const std::map<std::string, ShardCounts>& counts() const { return counts_; }

 private:
  static constexpr uint64_t kIndexBytes = 48;  // of one sample, roughly

  uint16_t language_of(const std::string& name);
  std::string index(const std::string& source) const;
  std::string strings(const std::string& source) const;
  std::vector<uint32_t> string_begins(const std::string& source) const;
  std::string packed_tokens() const;

  uint64_t index_ = 0;
  int32_t largest_ = 0;
  std::vector<int32_t> tokens_;
  std::vector<uint64_t> token_begin_{0}, id_, key_;
  std::vector<uint32_t> target_begin_{0}, media_begin_{0}, text_bytes_, name_begin_{0};
  std::vector<uint16_t> language_;
  std::vector<uint8_t> flags_;
  std::vector<uint64_t> row_;
  std::vector<uint32_t> alike_;
  std::vector<TargetRun> targets_;
  std::vector<MediaRecord> media_;
  std::vector<std::string> languages_;
  std::string names_, blobs_;
  std::map<std::string, ShardCounts> counts_;
};

uint16_t OpenShard::language_of(const std::string& name) {
  const auto found = std::ranges::find(languages_, name);
  const auto index = found - languages_.begin();
  if (found == languages_.end()) languages_.push_back(name);
  return static_cast<uint16_t>(index);
}

void OpenShard::add(const Sample& sample) {
  auto& counts = counts_[sample.language];
  ++counts.samples;
  counts.tokens += static_cast<int64_t>(sample.tokens.size());
  counts.text_bytes += sample.text_bytes;
  for (const auto& run : sample.targets) counts.targets += run.length;
  for (const auto& item : sample.media) {
    media_.push_back({.blob_begin = blobs_.size(),
                      .blob_bytes = item.bytes.size(),
                      .token = static_cast<uint32_t>(item.token),
                      .width = item.geometry.width,
                      .height = item.geometry.height,
                      .frames = item.geometry.frames,
                      .seconds = item.geometry.seconds,
                      .modality = static_cast<uint32_t>(item.modality)});
    blobs_.append(reinterpret_cast<const char*>(item.bytes.data()), item.bytes.size());
    counts.images += item.modality == Modality::kImage;
    counts.videos += item.modality == Modality::kVideo;
    counts.audios += item.modality == Modality::kAudio;
  }
  tokens_.insert(tokens_.end(), sample.tokens.begin(), sample.tokens.end());
  largest_ = std::max(largest_, std::ranges::max(sample.tokens));
  targets_.insert(targets_.end(), sample.targets.begin(), sample.targets.end());
  names_ += sample.document_id;
  token_begin_.push_back(tokens_.size());
  target_begin_.push_back(static_cast<uint32_t>(targets_.size()));
  media_begin_.push_back(static_cast<uint32_t>(media_.size()));
  name_begin_.push_back(static_cast<uint32_t>(names_.size()));
  id_.push_back(content_hash(sample.tokens, sample.targets, sample.media));
  key_.push_back(sample.key);
  text_bytes_.push_back(static_cast<uint32_t>(sample.text_bytes));
  language_.push_back(language_of(sample.language));
  flags_.push_back(sample.whole || !sample.media.empty() ? kWholeSample : 0);
  row_.push_back(sample.origin.row);
  alike_.push_back(sample.origin.alike);
  index_ += kIndexBytes;
}

std::string OpenShard::strings(const std::string& source) const {
  auto text = source;
  for (const auto& language : languages_) text += language;
  return text + names_;
}

std::vector<uint32_t> OpenShard::string_begins(const std::string& source) const {
  std::vector<uint32_t> begins = {0};
  auto end = static_cast<uint32_t>(source.size());
  for (const auto& language : languages_) {
    begins.push_back(end);
    end += static_cast<uint32_t>(language.size());
  }
  for (const auto begin : name_begin_) begins.push_back(end + begin);
  return begins;
}

std::string OpenShard::index(const std::string& source) const {
  const IndexLayout at(id_.size(), languages_.size());
  std::string section(at.length, '\0');
  put_column(section, at.token_begin, token_begin_);
  put_column(section, at.id, id_);
  put_column(section, at.key, key_);
  put_column(section, at.target_begin, target_begin_);
  put_column(section, at.media_begin, media_begin_);
  put_column(section, at.text_bytes, text_bytes_);
  put_column(section, at.string_begin, string_begins(source));
  put_column(section, at.language, language_);
  put_column(section, at.flags, flags_);
  put_column(section, at.row, row_);
  put_column(section, at.alike, alike_);
  return section;
}

std::string OpenShard::packed_tokens() const {
  if (largest_ > std::numeric_limits<uint16_t>::max()) return bytes_of(tokens_);
  return bytes_of(std::vector<uint16_t>(tokens_.begin(), tokens_.end()));
}

std::string OpenShard::encode(const std::string& source, Split split, uint64_t tokenizer) const {
  ShardHeader header;
  header.flags = largest_ > std::numeric_limits<uint16_t>::max() ? ShardHeader::kWideTokens : 0;
  header.num_samples = id_.size();
  header.num_tokens = tokens_.size();
  header.num_targets = targets_.size();
  header.num_media = media_.size();
  header.num_languages = static_cast<uint32_t>(languages_.size());
  header.split = static_cast<uint32_t>(split);
  header.tokenizer = tokenizer;

  std::string file(sizeof(header), '\0');
  const auto append = [&](Section name, const std::string& bytes) {
    header.sections[static_cast<size_t>(name)] = {file.size(), bytes.size(), xxh3_64(bytes)};
    file += bytes;
    file.resize(aligned(file.size()), '\0');
  };
  append(Section::kIndex, index(source));
  append(Section::kTargets, bytes_of(targets_));
  append(Section::kMedia, bytes_of(media_));
  append(Section::kStrings, strings(source));
  append(Section::kTokens, packed_tokens());
  append(Section::kBlobs, blobs_);

  header.file_bytes = file.size() + sizeof(header);
  header.hash = header.compute_hash();
  const auto bytes = std::as_bytes(std::span(&header, 1));
  const std::string_view copy(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  file.replace(0, copy.size(), copy);
  return file.append(copy);
}

/// The process that an AtomicFolder's name ".NAME.tmp-PID-N" tells; 0 when it is none.
pid_t process_of(const std::string& name) {
  const auto end = name.rfind('-');
  const auto begin = end == std::string::npos ? end : name.rfind('-', end - 1);
  if (begin == std::string::npos) return 0;
  pid_t process = 0;
  const auto* last = name.data() + end;
  const auto parsed = std::from_chars(name.data() + begin + 1, last, process);
  return parsed.ptr == last ? process : 0;
}

void remove_abandoned(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder.parent_path(), ignored)) {
    const auto name = entry.path().filename().string();
    if (!is_temporary(entry.path()) || !name.starts_with("." + folder.filename().string() + "."))
      continue;
    const auto process = process_of(name);
    if (process > 0 && kill(process, 0) != 0 && errno == ESRCH)
      fs::remove_all(entry.path(), ignored);
  }
}

bool holds_shards(const fs::path& folder) {
  if (!fs::is_directory(folder)) return false;
  if (fs::is_empty(folder) || fs::exists(folder / Manifest::kFileName)) return true;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == kShardExtension) return true;
  return false;
}

}  // namespace

void prepare_shard_folder(const fs::path& folder) {
  if (fs::exists(folder) && !holds_shards(folder))
    throw DataError("{}: holds something else: expected shards, an empty folder or none",
                    folder.string());
  remove_abandoned(fs::absolute(folder));
}

struct ShardWriter::State {
  using Key = std::pair<std::string, Split>;

  State(const fs::path& place, const ShardWriterConfig& given) : config(given), folder(place) {
    manifest.tokenizer = config.tokenizer;
  }

  ShardWriterConfig config;
  AtomicFolder folder;
  Manifest manifest;
  std::map<Key, OpenShard> open;
  std::map<Key, std::vector<ShardInfo>> written;

  void close(const Key& key);
};

void ShardWriter::State::close(const Key& key) {
  const auto node = open.extract(key);
  if (node.empty()) return;
  const auto& [source, split] = key;
  auto& shards = written[key];
  const auto file = node.mapped().encode(source, split, config.tokenizer);
  const auto header = std::string_view(file).substr(0, sizeof(ShardHeader));
  ShardInfo info{
      .file = fmt::format("{}-{}-{:05}{}", source, kSplitNames[static_cast<size_t>(split)],
                          shards.size(), kShardExtension),
      .hash = hex(xxh3_128(header)),
      .bytes = static_cast<int64_t>(file.size()),
      .source = source,
      .split = split,
      .languages = node.mapped().counts()};
  write_file_atomic(folder.path() / info.file, file);
  shards.push_back(std::move(info));
}

ShardWriter::ShardWriter(const fs::path& folder, const ShardWriterConfig& config) {
  prepare_shard_folder(folder);
  state_ = std::make_unique<State>(folder, config);
}

ShardWriter::~ShardWriter() = default;

const fs::path& ShardWriter::staging() const {
  return state_->folder.path();
}

void ShardWriter::add_source(const SourceInfo& source) {
  check_name(source.name);
  auto& manifest = state_->manifest;
  if (manifest.find_source(source.name) >= 0)
    throw DataError("source \"{}\" is already there: expected a new name", source.name);
  manifest.sources.push_back(source);
}

void ShardWriter::add(const Sample& sample) {
  check_sample(sample);
  auto& manifest = state_->manifest;
  if (manifest.find_source(sample.source) < 0) add_source({.name = sample.source});
  if (std::ranges::find(manifest.languages, sample.language) == manifest.languages.end())
    manifest.languages.push_back(sample.language);
  const State::Key key(sample.source, sample.split);
  auto& shard = state_->open[key];
  shard.add(sample);
  if (shard.bytes() >= static_cast<uint64_t>(state_->config.shard_bytes)) state_->close(key);
}

void ShardWriter::finish_source(const std::string& source) {
  for (const auto split : {Split::kTrain, Split::kDev, Split::kTest})
    state_->close({source, split});
}

Manifest ShardWriter::finish() {
  auto& manifest = state_->manifest;
  for (const auto& source : manifest.sources) finish_source(source.name);
  for (const auto& source : manifest.sources)
    for (const auto split : {Split::kTrain, Split::kDev, Split::kTest})
      for (const auto& shard : state_->written[{source.name, split}])
        manifest.shards.push_back(shard);
  manifest.save(staging());
  state_->folder.commit();
  return manifest;
}

}  // namespace reka::data
