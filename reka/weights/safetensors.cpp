#include "reka/weights/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "reka/base/error.h"
#include "reka/base/json.h"

namespace reka {
namespace {

// File: u64 little-endian header bytes, the header (a JSON object), the tensors without gaps.
constexpr uint64_t kSizeBytes = 8;
constexpr uint64_t kMostHeaderBytes = 100'000'000;  // as the reference implementation
constexpr std::string_view kMetadata = "__metadata__";

constexpr auto kElementBytes = std::to_array<std::pair<std::string_view, int64_t>>({{"F64", 8},
                                                                                    {"F32", 4},
                                                                                    {"F16", 2},
                                                                                    {"BF16", 2},
                                                                                    {"F8_E4M3", 1},
                                                                                    {"F8_E5M2", 1},
                                                                                    {"I64", 8},
                                                                                    {"I32", 4},
                                                                                    {"I16", 2},
                                                                                    {"I8", 1},
                                                                                    {"U64", 8},
                                                                                    {"U32", 4},
                                                                                    {"U16", 2},
                                                                                    {"U8", 1},
                                                                                    {"BOOL", 1}});

/// The tensor's place, checked against its own shape; -1 overflows nothing: sizes are below 2^63.
TensorInfo read_tensor(const Json& json, const std::string& place) {
  TensorInfo info;
  info.dtype = json_value<std::string>(json, "dtype", place);
  info.shape = json_value<std::vector<int64_t>>(json, "shape", place);
  const auto range = json_value<std::vector<uint64_t>>(json, "data_offsets", place);
  if (range.size() != 2 || range[0] > range[1]) {
    throw CheckpointError("{}: data_offsets: must be two ascending numbers", place);
  }
  info.begin = range[0];
  info.end = range[1];
  const auto element = safetensors_element_bytes(info.dtype);
  if (element == 0) throw CheckpointError("{}: dtype = {}: is unknown", place, info.dtype);
  auto bytes = static_cast<uint64_t>(element);
  for (const auto size : info.shape) {
    if (size < 0 || __builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes)) {
      throw CheckpointError("{}: shape: must be of sizes >= 0 that fit in memory", place);
    }
  }
  if (bytes != info.bytes()) {
    throw CheckpointError("{}: {} bytes: must be {}, as its shape says", place, info.bytes(),
                          bytes);
  }
  return info;
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
    const auto all = file_.bytes();
    uint64_t header_bytes = 0;
    if (all.size() >= kSizeBytes) std::memcpy(&header_bytes, all.data(), kSizeBytes);
    if (header_bytes == 0 || header_bytes > kMostHeaderBytes ||
        header_bytes > all.size() - kSizeBytes) {
      throw CheckpointError("{}: is truncated or no safetensors file", path.string());
    }
    data_ = all.subspan(kSizeBytes + header_bytes);
    read_header({reinterpret_cast<const char*>(all.data()) + kSizeBytes, header_bytes},
                data_.size());
  } catch (const DataError& error) {
    throw CheckpointError("{}", error.what());
  }
}

void SafetensorsFile::read_header(std::string_view header, uint64_t data_bytes) {
  const auto json = parse_json(header, path_.string());
  if (!json.is_object()) throw CheckpointError("{}: header: must be an object", path_.string());
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  for (const auto& [name, value] : json.items()) {
    const auto place = path_.string() + ": " + name;
    if (name == kMetadata) {
      metadata_ = json_value<std::map<std::string, std::string>>(json, kMetadata, path_.string());
      continue;
    }
    const auto& info = tensors_[name] = read_tensor(value, place);
    ranges.emplace_back(info.begin, info.end);
  }
  std::sort(ranges.begin(), ranges.end());
  uint64_t end = 0;
  for (const auto& [begin, next] : ranges) {
    if (begin != end) throw CheckpointError("{}: tensors overlap or leave gaps", path_.string());
    end = next;
  }
  if (end != data_bytes) {
    throw CheckpointError("{}: has {} bytes of tensors: must be {}: truncated", path_.string(),
                          data_bytes, end);
  }
}

const TensorInfo& SafetensorsFile::info(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) throw CheckpointError("{}: {}: is absent", path_.string(), name);
  return found->second;
}

std::span<const std::byte> SafetensorsFile::bytes(const std::string& name) const {
  const auto& tensor = info(name);
  return data_.subspan(tensor.begin, tensor.bytes());
}

void write_safetensors(const std::filesystem::path& path, const std::vector<TensorBytes>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  auto header = Json::object();
  if (!metadata.empty()) header[std::string(kMetadata)] = metadata;
  uint64_t begin = 0;
  for (const auto& tensor : tensors) {
    const auto end = begin + tensor.bytes.size();
    header[tensor.name] = {
        {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
    begin = end;
  }
  auto text = dump_json(header);
  constexpr size_t kAlignment = 64;  // of the first tensor
  text.resize((text.size() + kSizeBytes + kAlignment - 1) / kAlignment * kAlignment - kSizeBytes,
              ' ');
  const uint64_t header_bytes = text.size();
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(&header_bytes, 1)));
  file.write(text);
  for (const auto& tensor : tensors) file.write(tensor.bytes);
  file.commit();
}

}  // namespace reka
