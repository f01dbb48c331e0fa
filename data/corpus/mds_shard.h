#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reka/base/json.h"

namespace reka::data {

/// A column of a shard of MosaicML's MDS.
struct MdsColumn {
  std::string name;
  std::string encoding;                // "str", "ndarray:uint16"
  std::optional<uint32_t> fixed_size;  // bytes; nullopt: of each value its own
};

/// What index.json says of one shard.
struct MdsShardInfo {
  struct File {
    std::string name;
    int64_t bytes = 0;
    std::vector<std::pair<std::string, std::string>> hashes;  // algorithm, hexadecimal digits
  };

  std::vector<MdsColumn> columns;
  File raw;
  std::optional<File> packed;
  std::string compression;  // "zstd", "gz", "" for none
  int64_t samples = 0;

  /// The shards of an index.json. Throws DataError starting with `place`.
  static std::vector<MdsShardInfo> parse(std::string_view index, const std::string& place);
};

/// The samples of a shard in memory: u32 count, u32 offsets[count + 1], its config as JSON, and for
/// each sample u32 sizes of the columns without a fixed one, then their bytes.
class MdsShard {
 public:
  /// Throws DataError: what is wrong with the bytes.
  MdsShard(std::span<const std::byte> bytes, const MdsShardInfo& info);

  size_t size() const { return static_cast<size_t>(samples_); }
  /// The values of a sample in the order of the columns. Throws DataError.
  std::vector<std::string_view> sample(size_t index) const;

 private:
  uint32_t number(size_t offset) const;

  std::span<const std::byte> bytes_;
  const std::vector<MdsColumn>& columns_;
  int64_t samples_;
};

/// The whole numbers of an array column ("ndarray", "ndarray:uint16", "ndarray:int32:2048").
/// Throws DataError: what is wrong with them.
std::vector<int64_t> mds_integers(std::string_view encoding, std::string_view value);

/// A number column ("int", "uint32", ..., "str_int") or text as text; nullopt for another one.
std::optional<std::string> mds_text(std::string_view encoding, std::string_view value);

}  // namespace reka::data
