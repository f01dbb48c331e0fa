#include "data/corpus/mds.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "data/corpus/byte_stream.h"
#include "data/corpus/digest.h"
#include "data/corpus/files.h"
#include "data/corpus/language.h"
#include "data/corpus/mds_shard.h"
#include "data/corpus/record.h"
#include "data/corpus/token_text.h"
#include "data/media/load.h"
#include "reka/base/error.h"
#include "reka/base/files.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

// A shard and where its index stands.
struct ShardPlace {
  CorpusFile index;
  MdsShardInfo info;

  fs::path raw() const { return index.path.parent_path() / info.raw.name; }
  fs::path packed() const { return index.path.parent_path() / info.packed->name; }
  // The one that is read: streaming leaves the unpacked file beside the packed one.
  bool reads_raw() const { return !info.packed || fs::exists(raw()); }
};

// A sample by the names of its columns.
struct MdsRow {
  const std::vector<MdsColumn>& columns;
  std::vector<std::string_view> values;

  // nullopt where there is no such column.
  std::optional<size_t> find(const std::string& name) const {
    const auto found = std::ranges::find(columns, name, &MdsColumn::name);
    if (found == columns.end()) return std::nullopt;
    return static_cast<size_t>(found - columns.begin());
  }
  [[noreturn]] void fail(size_t column, std::string_view expected) const {
    throw DataError("column {}: {}: {}", columns[column].name, columns[column].encoding, expected);
  }

  // "" where there is no such column.
  std::string text(const std::string& name) const {
    const auto column = find(name);
    if (!column) return "";
    const auto& encoding = columns[*column].encoding;
    if (encoding == "json") {
      const auto json = parse_json(values[*column], name);
      if (json.is_string()) return json.get<std::string>();
      fail(*column, "must be text");
    }
    auto text = mds_text(encoding == "bytes" ? "str" : encoding, values[*column]);
    if (!text) fail(*column, "must be str, bytes, json or a whole number");
    return *std::move(text);
  }

  std::vector<int64_t> integers(size_t column, const std::string& type_of_bytes) const {
    const auto& encoding = columns[column].encoding;
    if (encoding == "bytes") return mds_integers("ndarray:" + type_of_bytes + ":0", values[column]);
    if (encoding.starts_with("ndarray")) return mds_integers(encoding, values[column]);
    if (encoding != "json") fail(column, "must be ndarray, json or bytes");
    std::vector<int64_t> numbers;
    for (const auto& number : parse_json(values[column], columns[column].name)) {
      if (!number.is_number_integer()) fail(column, "must be a list of token ids");
      numbers.push_back(number.get<int64_t>());
    }
    return numbers;
  }
};

// A unit of work is a shard.
class MdsReader final : public Reader {
 public:
  MdsReader(const MdsConfig& config, const ReaderContext& context)
      : config_(config), context_(context), token_text_(context.root, config.tokenizer) {
    for (const auto& index : find_files(context.root, config.path, context.source)) {
      indexes_.push_back(index.path);
      try {
        for (auto& info : MdsShardInfo::parse(read_file(index.path), index.path.string())) {
          shards_.push_back({index, std::move(info)});
        }
      } catch (const DataError& error) {
        const auto path = index.path.string();
        bad_.push_back({path, std::string(without_place(error.what(), path))});
      }
    }
    if (shards_.empty() && !bad_.empty())
      throw DataError("{}: {}", bad_.front().place, bad_.front().finding);
  }

  size_t num_units() const override { return shards_.size() + bad_.size(); }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    if (unit >= shards_.size()) return skip(bad_[unit - shards_.size()]);
    const auto& shard = shards_[unit];
    const auto path = (shard.reads_raw() ? shard.raw() : shard.packed()).string();
    try {
      const MappedFile file(path);
      check_hashes(shard.reads_raw() ? shard.info.raw : *shard.info.packed, file.bytes(),
                   findings_.of(unit));
      if (shard.reads_raw()) return read_samples(shard, path, file.bytes(), emit, skip);
      expect_readable(shard.info);
    } catch (const DataError& error) {
      return skip({path, std::string(without_place(error.what(), path))});
    }
    const auto bytes = unpack_or_skip(path, shard.info.raw.bytes, skip);
    if (bytes) read_samples(shard, path, as_bytes(*bytes), emit, skip);
  }

  std::vector<fs::path> inputs() const override {
    auto paths = token_text_.inputs();
    paths.insert(paths.end(), indexes_.begin(), indexes_.end());
    for (const auto& shard : shards_) {
      paths.push_back(shard.reads_raw() ? shard.raw() : shard.packed());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  Findings findings(size_t unit) const override { return findings_.take(unit); }

  std::string note(const std::string& algorithm, int64_t count) const override {
    return fmt::format("{} hashes \"{}\" of shards are not checked: not known", count, algorithm);
  }

 private:
  static void check_hashes(const MdsShardInfo::File& file, std::span<const std::byte> bytes,
                           Findings& found) {
    for (const auto& [algorithm, digits] : file.hashes) {
      const auto hash = digest(algorithm, bytes);
      if (!hash) ++found.counts[algorithm];
      if (hash && *hash != digits)
        throw DataError("{} is {}: index.json says {}", algorithm, *hash, digits);
    }
  }

  void expect_readable(const MdsShardInfo& info) const {
    if (info.compression != "zstd" && info.compression != "gz")
      throw DataError("packed with {}: must be zstd or gz", info.compression);
    if (info.raw.bytes > config_.max_shard_bytes)
      throw DataError("{} bytes unpacked: at most max_shard_bytes, {}", info.raw.bytes,
                      config_.max_shard_bytes);
  }

  void read_samples(const ShardPlace& place, const std::string& path,
                    std::span<const std::byte> bytes, const DocumentSink& emit,
                    const SkipSink& skip) const {
    std::optional<MdsShard> shard;
    try {
      shard.emplace(bytes, place.info);
    } catch (const DataError& error) {
      return skip({path, error.what()});
    }
    for (size_t n = 0; n < shard->size(); ++n) {
      std::vector<Document> documents;
      const auto sample = fmt::format("{}:{}", path, n);
      try {
        documents = documents_of({place.info.columns, shard->sample(n)}, place.index,
                                 fmt::format("{}:{}", place.info.raw.name, n));
      } catch (const DataError& error) {
        skip({sample, error.what()});
      }
      for (auto& document : documents) emit(std::move(document));
    }
  }

  std::vector<Document> documents_of(const MdsRow& row, const CorpusFile& index,
                                     const std::string& name) const {
    Document document;
    for (const auto& [modality, column] : {std::pair(Modality::kImage, config_.image),
                                           {Modality::kVideo, config_.video},
                                           {Modality::kAudio, config_.audio}}) {
      const auto found = row.find(column);
      if (!found) continue;
      const auto& encoding = row.columns[*found].encoding;
      if (encoding != "jpeg" && encoding != "png" && encoding != "bytes")
        row.fail(*found, "must be jpeg, png or bytes");
      add_media_part(make_media_file(modality, std::string(row.values[*found]), column), document);
    }
    const auto texts = texts_of(row, !document.media.empty());
    const auto folder = fs::path(index.key).parent_path() / name;
    auto id = row.text(config_.id);
    document.key = id;
    document.id = id.empty() ? folder.string() : id;
    document.source = context_.source;
    const auto language = row.text(config_.language);
    document.language = language_tag(language.empty() ? index.language : language);
    std::vector<Document> documents;
    for (size_t n = 0; n < texts.size(); ++n) {
      auto& next = documents.emplace_back(document);
      if (texts.size() > 1) next.id += fmt::format(":{}", n);
      next.parts.push_back({.text = texts[n]});
      if (next.key.empty()) next.key = content_key(next);
      next.split = config_.split.side(next.key);
    }
    return documents;
  }

  std::vector<std::string> texts_of(const MdsRow& row, bool has_media) const {
    if (row.find(config_.text)) {
      auto text = row.text(config_.text);
      if (text.empty()) throw DataError("column {}: is empty", config_.text);
      return {std::move(text)};
    }
    const auto tokens = row.find(config_.tokens);
    if (!tokens) throw DataError("no column {} or {}", config_.text, config_.tokens);
    auto texts = token_text_.texts(row.integers(*tokens, config_.token_type));
    if (texts.empty()) throw DataError("column {}: is empty", config_.tokens);
    if (has_media && texts.size() > 1)
      throw DataError("media with {} texts: must be one", texts.size());
    return texts;
  }

  MdsConfig config_;
  ReaderContext context_;
  TokenText token_text_;
  std::vector<fs::path> indexes_;
  std::vector<ShardPlace> shards_;
  std::vector<Skipped> bad_;  // indexes
  mutable FindingsOfUnits findings_;
};

}  // namespace

std::unique_ptr<Reader> make_reader(const MdsConfig& config, const ReaderContext& context) {
  return std::make_unique<MdsReader>(config, context);
}

}  // namespace reka::data
