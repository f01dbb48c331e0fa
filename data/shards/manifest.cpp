#include "data/shards/manifest.h"

#include <algorithm>
#include <charconv>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/json.h"

namespace reka::data {
namespace {

constexpr std::string_view kFormat = "reka-shards";
constexpr int64_t kVersion = 2;

struct CountKey {
  const char* name;
  int64_t ShardCounts::*member;
};
constexpr CountKey kCountKeys[] = {
    {"samples", &ShardCounts::samples}, {"tokens", &ShardCounts::tokens},
    {"targets", &ShardCounts::targets}, {"text_bytes", &ShardCounts::text_bytes},
    {"images", &ShardCounts::images},   {"videos", &ShardCounts::videos},
    {"audios", &ShardCounts::audios}};

Json counts_to_json(const ShardCounts& counts) {
  Json json = Json::object();
  for (const auto& [name, member] : kCountKeys)
    if (counts.*member != 0) json[name] = counts.*member;
  return json;
}

ShardCounts counts_from_json(const Json& json, std::string_view place) {
  ShardCounts counts;
  for (const auto& [name, member] : kCountKeys)
    if (json.contains(name)) counts.*member = json_value<int64_t>(json, name, place);
  return counts;
}

Json shard_to_json(const ShardInfo& shard) {
  Json json = {{"file", shard.file},
               {"hash", shard.hash},
               {"bytes", shard.bytes},
               {"source", shard.source},
               {"split", kSplitNames[static_cast<size_t>(shard.split)]},
               {"languages", Json::object()}};
  for (const auto& [language, counts] : shard.languages)
    json["languages"][language] = counts_to_json(counts);
  return json;
}

Split split_from_name(std::string_view name, std::string_view place) {
  const auto split = split_named(name);
  if (!split) throw DataError("{}: split = \"{}\": expected train, dev or test", place, name);
  return *split;
}

ShardInfo shard_from_json(const Json& json, std::string_view place) {
  ShardInfo shard{.file = json_value<std::string>(json, "file", place),
                  .hash = json_value<std::string>(json, "hash", place),
                  .bytes = json_value<int64_t>(json, "bytes", place),
                  .source = json_value<std::string>(json, "source", place),
                  .split = split_from_name(json_value<std::string>(json, "split", place), place),
                  .languages = {}};
  const auto languages = json_value<Json>(json, "languages", place);
  for (const auto& [language, counts] : languages.items())
    shard.languages[language] = counts_from_json(counts, place);
  return shard;
}

Json source_to_json(const SourceInfo& source) {
  return {{"name", source.name},
          {"package", source.package},
          {"licence", source.licence},
          {"weight", source.weight}};
}

SourceInfo source_from_json(const Json& json, std::string_view place) {
  return {.name = json_value<std::string>(json, "name", place),
          .package = json_value<std::string>(json, "package", place),
          .licence = json_value<std::string>(json, "licence", place),
          .weight = json_value<int64_t>(json, "weight", place)};
}

uint64_t from_hex(const std::string& text, std::string_view place) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size())
    throw DataError("{}: tokenizer = \"{}\": expected 16 hexadecimal digits", place, text);
  return value;
}

void check_document(Json& json, std::string_view place) {
  if (!json.is_object() || json.value("format", "") != kFormat)
    throw DataError("{}: not a manifest of shards: expected \"format\": \"{}\"", place, kFormat);
  if (const auto version = json_value<int64_t>(json, "version", place); version != kVersion)
    throw DataError("{}: version {}: expected {}; build the shards again", place, version,
                    kVersion);
  const auto expected = json_value<std::string>(json, "hash", place);
  json.erase("hash");
  if (hex(xxh3_128(dump_json(json))) != expected)
    throw DataError("{}: damaged: its hash is not {}", place, expected);
}

}  // namespace

ShardCounts& ShardCounts::operator+=(const ShardCounts& other) {
  for (const auto& [name, member] : kCountKeys) this->*member += other.*member;
  return *this;
}

ShardCounts ShardInfo::counts() const {
  ShardCounts sum;
  for (const auto& [language, counts] : languages) sum += counts;
  return sum;
}

Manifest Manifest::load(const std::filesystem::path& folder) {
  const auto path = folder / kFileName;
  if (!std::filesystem::exists(path))
    throw DataError("{}: no {}: expected a folder of shards, as `reka data build` makes them",
                    folder.string(), kFileName);
  const auto place = path.string();
  auto json = parse_json(read_file(path), place);
  check_document(json, place);
  Manifest manifest;
  manifest.tokenizer = from_hex(json_value<std::string>(json, "tokenizer", place), place);
  for (const auto& source : json_value<Json>(json, "sources", place))
    manifest.sources.push_back(source_from_json(source, place));
  manifest.languages = json_value<std::vector<std::string>>(json, "languages", place);
  for (const auto& shard : json_value<Json>(json, "shards", place))
    manifest.shards.push_back(shard_from_json(shard, place));
  return manifest;
}

void Manifest::save(const std::filesystem::path& folder) const {
  Json json = {{"format", kFormat},        {"version", kVersion},    {"tokenizer", hex(tokenizer)},
               {"sources", Json::array()}, {"languages", languages}, {"shards", Json::array()}};
  for (const auto& source : sources) json["sources"].push_back(source_to_json(source));
  for (const auto& shard : shards) json["shards"].push_back(shard_to_json(shard));
  json["hash"] = hex(xxh3_128(dump_json(json)));
  write_file_atomic(folder / kFileName, dump_json(json, 1) + "\n");
}

int32_t Manifest::find_source(std::string_view name) const {
  const auto found = std::ranges::find(sources, name, &SourceInfo::name);
  return found == sources.end() ? -1 : static_cast<int32_t>(found - sources.begin());
}

ShardCounts Manifest::counts(std::string_view source, Split split) const {
  ShardCounts sum;
  for (const auto& shard : shards)
    if (shard.split == split && (source.empty() || shard.source == source)) sum += shard.counts();
  return sum;
}

void Manifest::expect_tokenizer(uint64_t fingerprint, const std::filesystem::path& folder) const {
  if (tokenizer != fingerprint)
    throw DataError("{}: made with tokenizer {}: expected {}; build the shards again",
                    folder.string(), hex(tokenizer), hex(fingerprint));
}

}  // namespace reka::data
