#include "reka/weights/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <tuple>
#include <utility>

#include "reka/base/error.h"
#include "reka/base/json.h"

namespace reka {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

// File: u64 little-endian header bytes, the header (a JSON object), the tensors without gaps.
constexpr uint64_t kSizeBytes = 8;
constexpr uint64_t kMostHeaderBytes = 100'000'000;  // as the reference implementation
constexpr uint64_t kAlignment = 64;                 // of the first tensor
const std::string kMetadata = "__metadata__";

using ElementBytes = std::pair<std::string_view, int64_t>;
constexpr auto kElementBytes = std::to_array<ElementBytes>({
    {"F64", 8},
    {"I64", 8},
    {"U64", 8},
    {"F32", 4},
    {"I32", 4},
    {"U32", 4},
    {"F16", 2},
    {"I16", 2},
    {"U16", 2},
    {"BF16", 2},
    {"I8", 1},
    {"BOOL", 1},
    {"U8", 1},
    {"F8_E4M3", 1},
    {"F8_E5M2", 1},
});

std::string place_of(const std::filesystem::path& path, std::string_view tensor) {
  return fmt::format("{}: tensor \"{}\"", path.string(), tensor);
}

/// The bytes that dtype and shape ask for.
uint64_t bytes_of(const TensorInfo& info, std::string_view place) {
  auto bytes = static_cast<uint64_t>(safetensors_element_bytes(info.dtype));
  if (bytes == 0)
    throw CheckpointError("{}: dtype = {}: must be F32, BF16, F16 or another of safetensors", place,
                          info.dtype);
  for (const auto size : info.shape) {
    if (size < 0 || __builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes))
      throw CheckpointError("{}: shape: must be of sizes >= 0 that fit in memory", place);
  }
  return bytes;
}

std::string_view header_of(std::span<const std::byte> file, const std::filesystem::path& path) {
  if (file.size() < kSizeBytes)
    throw CheckpointError("{}: {} bytes: must be a safetensors file", path.string(), file.size());
  uint64_t size = 0;
  std::memcpy(&size, file.data(), kSizeBytes);
  const auto most = std::min<uint64_t>(kMostHeaderBytes, file.size() - kSizeBytes);
  if (size < 2 || size > most)
    throw CheckpointError("{}: header of {} bytes: must be in [2, {}]: truncated?", path.string(),
                          size, most);
  const std::string_view header(reinterpret_cast<const char*>(file.data()) + kSizeBytes, size);
  if (header.front() != '{') throw CheckpointError("{}: header: must start with {{", path.string());
  return header;
}

TensorInfo read_tensor(const Json& json, const std::string& place) {
  TensorInfo info;
  info.dtype = json_value<std::string>(json, "dtype", place);
  const auto unsigned_list = [&](std::string_view key) {
    auto list = json_value<Json>(json, key, place);
    const bool good = list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& n) {
                        return n.is_number_unsigned() && n.get<uint64_t>() <= INT64_MAX;
                      });
    if (!good)
      throw CheckpointError("{}: {} = {}: must be integers >= 0", place, key, dump_json(list));
    return list;
  };
  info.shape = unsigned_list("shape").get<std::vector<int64_t>>();
  const auto range = unsigned_list("data_offsets");
  if (range.size() != 2 || range[0] > range[1])
    throw CheckpointError("{}: data_offsets = {}: must be [begin, end]", place, dump_json(range));
  info.begin = range[0];
  info.end = range[1];
  if (const auto bytes = bytes_of(info, place); bytes != info.bytes())
    throw CheckpointError("{}: {} bytes: must be {} for its dtype and shape", place, info.bytes(),
                          bytes);
  return info;
}

std::string header_text(const std::vector<NamedTensor>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  Json header = {{kMetadata, {{"format", "pt"}}}};
  for (const auto& [key, value] : metadata) header[kMetadata][key] = value;
  for (const auto& [name, info] : tensors) {
    header[name] = {
        {"dtype", info.dtype}, {"shape", info.shape}, {"data_offsets", {info.begin, info.end}}};
  }
  auto text = dump_json(header);
  text.append((kAlignment - (text.size() + kSizeBytes) % kAlignment) % kAlignment, ' ');
  return text;
}

}  // namespace

int64_t safetensors_element_bytes(std::string_view dtype) {
  const auto* found = std::find_if(kElementBytes.begin(), kElementBytes.end(),
                                   [&](const auto& entry) { return entry.first == dtype; });
  return found == kElementBytes.end() ? 0 : found->second;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : path_(path) {
  try {
    file_ = MappedFile(path);
    const auto header = header_of(file_.bytes(), path);
    data_ = file_.bytes().subspan(kSizeBytes + header.size());
    read_header(header, data_.size());
  } catch (const DataError& error) {
    throw CheckpointError("{}", error.what());
  }
}

void SafetensorsFile::read_header(std::string_view header, uint64_t data_bytes) {
  const auto json = parse_json(header, path_.string() + ": header");
  std::vector<std::tuple<uint64_t, uint64_t, std::string>> ranges;
  for (const auto& [name, value] : json.items()) {
    if (name == kMetadata) {
      const auto place = path_.string() + ": " + kMetadata;
      for (const auto& item : value.items())
        metadata_[item.key()] = json_value<std::string>(value, item.key(), place);
      continue;
    }
    const auto& info = tensors_[name] = read_tensor(value, place_of(path_, name));
    ranges.emplace_back(info.begin, info.end, name);
  }
  std::sort(ranges.begin(), ranges.end());
  uint64_t next = 0;
  for (const auto& [begin, end, name] : ranges) {
    if (begin != next)
      throw CheckpointError("{}: begins at byte {}: must be {}, where the one before ends",
                            place_of(path_, name), begin, next);
    if (end > data_bytes)
      throw CheckpointError("{}: ends at byte {}: must be at most {}, the end of the file",
                            place_of(path_, name), end, data_bytes);
    next = end;
  }
  if (next != data_bytes)
    throw CheckpointError("{}: {} bytes after the last tensor: must be 0", path_.string(),
                          data_bytes - next);
}

const TensorInfo& SafetensorsFile::info(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end())
    throw CheckpointError("{}: is absent: must be in the file", place_of(path_, name));
  return found->second;
}

std::span<const std::byte> SafetensorsFile::bytes(const std::string& name) const {
  const auto& tensor = info(name);
  return data_.subspan(tensor.begin, tensor.bytes());
}

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path,
                                     std::vector<NamedTensor> tensors,
                                     const std::map<std::string, std::string>& metadata)
    : tensors_(std::move(tensors)), file_(path) {
  std::stable_sort(tensors_.begin(), tensors_.end(), [](const auto& a, const auto& b) {
    return safetensors_element_bytes(a.info.dtype) > safetensors_element_bytes(b.info.dtype);
  });
  std::map<std::string_view, int> names;
  for (auto& [name, info] : tensors_) {
    if (name == kMetadata || ++names[name] > 1)
      throw CheckpointError("{}: must have a name of its own", place_of(path, name));
    info.begin = data_bytes_;
    data_bytes_ += bytes_of(info, place_of(path, name));
    info.end = data_bytes_;
  }
  const auto header = header_text(tensors_, metadata);
  const uint64_t size = header.size();
  file_.write(std::as_bytes(std::span(&size, 1)));
  file_.write(header);
}

void SafetensorsWriter::append(std::span<const std::byte> bytes) {
  file_.write(bytes);
  written_ += bytes.size();
}

void SafetensorsWriter::commit() {
  if (written_ != data_bytes_)
    throw CheckpointError("safetensors: {} bytes written: must be {}, as declared", written_,
                          data_bytes_);
  file_.commit();
}

void write_safetensors(const std::filesystem::path& path, const std::vector<TensorBytes>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<NamedTensor> declared;
  std::map<std::string_view, std::span<const std::byte>> bytes;
  for (const auto& tensor : tensors) {
    declared.push_back({tensor.name, {tensor.dtype, tensor.shape}});
    bytes[tensor.name] = tensor.bytes;
  }
  SafetensorsWriter writer(path, std::move(declared), metadata);
  for (const auto& [name, info] : writer.tensors()) {
    if (bytes[name].size() != info.bytes())
      throw CheckpointError("{}: {} bytes: must be {} for its dtype and shape",
                            place_of(path, name), bytes[name].size(), info.bytes());
    writer.append(bytes[name]);
  }
  writer.commit();
}

}  // namespace reka
