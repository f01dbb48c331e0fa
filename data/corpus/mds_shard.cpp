#include "data/corpus/mds_shard.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "data/corpus/files.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

static_assert(std::endian::native == std::endian::little);

// NumPy's whole numbers by the byte that MDS writes for them.
struct Integers {
  std::string_view name;
  uint8_t code;
  uint8_t bytes;
  bool is_signed;
};
constexpr std::array<Integers, 8> kIntegers = {{{"uint8", 8, 1, false},
                                                {"int8", 9, 1, true},
                                                {"uint16", 16, 2, false},
                                                {"int16", 17, 2, true},
                                                {"uint32", 32, 4, false},
                                                {"int32", 33, 4, true},
                                                {"uint64", 64, 8, false},
                                                {"int64", 65, 8, true}}};

const Integers* integers_named(std::string_view name) {
  const auto* found = std::ranges::find(kIntegers, name, &Integers::name);
  return found == kIntegers.end() ? nullptr : found;
}

int64_t read_integer(const Integers& type, const char* bytes) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, type.bytes);
  const auto bits = 8U * type.bytes;
  if (type.is_signed && bits < 64 && (value >> (bits - 1)) != 0) value |= ~uint64_t{0} << bits;
  return static_cast<int64_t>(value);
}

MdsShardInfo::File file_of(const Json& json, const std::string& place) {
  MdsShardInfo::File file{.name = json_value<std::string>(json, "basename", place),
                          .bytes = json_value<int64_t>(json, "bytes", place)};
  if (file.name.empty() || file.name.find('/') != std::string::npos || file.name == "..")
    throw DataError("{}: basename = {}: must be a name without folders", place, file.name);
  if (file.bytes < 0) throw DataError("{}: bytes = {}: must be >= 0", place, file.bytes);
  const auto hashes = json.find("hashes");
  if (hashes == json.end() || !hashes->is_object()) return file;
  for (const auto& [name, digits] : hashes->items()) {
    if (!digits.is_string()) throw DataError("{}: hashes.{}: must be text", place, name);
    file.hashes.emplace_back(name, digits.get<std::string>());
  }
  return file;
}

std::vector<MdsColumn> columns_of(const Json& shard, const std::string& place) {
  const auto list = [&](const char* key) {
    const auto found = shard.find(key);
    if (found == shard.end() || !found->is_array())
      throw DataError("{}: {}: must be a list", place, key);
    return *found;
  };
  const auto names = list("column_names"), encodings = list("column_encodings"),
             sizes = list("column_sizes");
  if (names.size() != encodings.size() || names.size() != sizes.size())
    throw DataError("{}: column_names, column_encodings, column_sizes: must be of one length",
                    place);
  std::vector<MdsColumn> columns;
  for (size_t n = 0; n < names.size(); ++n) {
    const auto& size = sizes[n];
    const bool fixed = size.is_number_unsigned() && size.get<uint64_t>() > 0;
    if (!names[n].is_string() || !encodings[n].is_string() ||
        (fixed ? size.get<uint64_t>() > UINT32_MAX : !size.is_null() && size != 0))
      throw DataError("{}: column {}: must have a name, an encoding and a size", place, n);
    columns.push_back({names[n].get<std::string>(), encodings[n].get<std::string>(),
                       fixed ? std::optional(size.get<uint32_t>()) : std::nullopt});
  }
  return columns;
}

MdsShardInfo shard_of(const Json& json, const std::string& place) {
  if (json_value<std::string>(json, "format", place) != "mds")
    throw DataError("{}: format: must be mds", place);
  MdsShardInfo info;
  info.columns = columns_of(json, place);
  info.raw = file_of(json.value("raw_data", Json()), place + ".raw_data");
  info.samples = json_value<int64_t>(json, "samples", place);
  if (info.samples < 0) throw DataError("{}: samples = {}: must be >= 0", place, info.samples);
  const auto packed = json.find("zip_data");
  if (packed == json.end() || packed->is_null()) return info;
  info.packed = file_of(*packed, place + ".zip_data");
  const auto algorithm = json_value<std::string>(json, "compression", place);
  info.compression = algorithm.substr(0, algorithm.find(':'));
  return info;
}

}  // namespace

std::vector<MdsShardInfo> MdsShardInfo::parse(std::string_view index, const std::string& place) {
  const auto json = parse_json(index, place);
  if (json_value<int64_t>(json, "version", place) != 2)
    throw DataError("{}: version: must be 2", place);
  const auto shards = json.find("shards");
  if (shards == json.end() || !shards->is_array())
    throw DataError("{}: shards: must be a list", place);
  std::vector<MdsShardInfo> infos;
  for (size_t n = 0; n < shards->size(); ++n) {
    infos.push_back(shard_of((*shards)[n], fmt::format("{}: shards.{}", place, n)));
  }
  return infos;
}

MdsShard::MdsShard(std::span<const std::byte> bytes, const MdsShardInfo& info)
    : bytes_(bytes), columns_(info.columns), samples_(info.samples) {
  if (bytes.size() != static_cast<uint64_t>(info.raw.bytes))
    throw DataError("{} bytes: index.json says {}", bytes.size(), info.raw.bytes);
  if (bytes.size() < 4 || number(0) != static_cast<uint64_t>(samples_))
    throw DataError("another number of samples than the {} of index.json", samples_);
  if (bytes.size() < 4 * (static_cast<uint64_t>(samples_) + 2))
    throw DataError("truncated inside its offsets");
}

uint32_t MdsShard::number(size_t offset) const {
  uint32_t value = 0;
  std::memcpy(&value, bytes_.data() + offset, sizeof(value));
  return value;
}

std::vector<std::string_view> MdsShard::sample(size_t index) const {
  const auto first = number(4 * (index + 1)), last = number(4 * (index + 2));
  if (first > last || last > bytes_.size() || first < 4 * (size() + 2))
    throw DataError("offsets out of range");
  std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + first, last - first);
  const auto take = [&](size_t bytes) {
    if (bytes > rest.size()) throw DataError("sizes out of range");
    const auto taken = rest.substr(0, bytes);
    rest.remove_prefix(bytes);
    return taken;
  };
  std::vector<uint32_t> sizes;
  sizes.reserve(columns_.size());
  for (const auto& column : columns_) {
    sizes.push_back(column.fixed_size.value_or(0));
    if (!column.fixed_size) std::memcpy(&sizes.back(), take(4).data(), 4);
  }
  std::vector<std::string_view> values;
  values.reserve(sizes.size());
  for (const auto size : sizes) values.push_back(take(size));
  if (!rest.empty()) throw DataError("sizes out of range");
  return values;
}

std::vector<int64_t> mds_integers(std::string_view encoding, std::string_view value) {
  const auto take = [&](size_t bytes) {
    if (bytes > value.size()) throw DataError("array ends too early");
    const auto taken = value.substr(0, bytes);
    value.remove_prefix(bytes);
    return taken;
  };
  constexpr std::string_view kArray = "ndarray";
  auto type_name = encoding.substr(std::min(kArray.size() + 1, encoding.size()));
  const auto colon = type_name.find(':');
  const bool has_shape = colon != type_name.npos;
  type_name = type_name.substr(0, colon);
  const auto* type = integers_named(type_name);
  if (type_name.empty()) {
    const auto code = static_cast<uint8_t>(take(1)[0]);
    type = std::ranges::find(kIntegers, code, &Integers::code);
    if (type == kIntegers.end()) type = nullptr;
  }
  if (type == nullptr) throw DataError("an array of whole numbers is needed");
  if (!has_shape) {
    // 4 x the number of axes + log2 of the bytes of a size.
    const auto axes = static_cast<uint8_t>(take(1)[0]);
    take(static_cast<size_t>(axes >> 2U) << (axes & 3U));
  }
  if (value.size() % type->bytes != 0) throw DataError("array ends within a number");
  std::vector<int64_t> numbers;
  numbers.reserve(value.size() / type->bytes);
  for (size_t at = 0; at < value.size(); at += type->bytes) {
    numbers.push_back(read_integer(*type, value.data() + at));
  }
  return numbers;
}

std::optional<std::string> mds_text(std::string_view encoding, std::string_view value) {
  if (encoding == "str" || encoding == "str_int") {
    if (const auto bad = find_bad_utf8(value)) throw DataError("not UTF-8 at byte {}", *bad);
    return std::string(value);
  }
  const auto* type = integers_named(encoding == "int" ? "int64" : encoding);
  if (type == nullptr) return std::nullopt;
  if (value.size() != type->bytes) throw DataError("{}: has {} bytes", encoding, value.size());
  const auto number = read_integer(*type, value.data());
  return type->is_signed ? std::to_string(number) : std::to_string(static_cast<uint64_t>(number));
}

}  // namespace reka::data
