#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reka/base/files.h"

namespace reka {

/// Bytes of one element of a safetensors dtype ("F32", "BF16", "I64", ...); 0 for an unknown one.
int64_t safetensors_element_bytes(std::string_view dtype);

/// A tensor as a file describes it: row-major, little-endian.
struct TensorInfo {
  std::string dtype;
  std::vector<int64_t> shape;
  uint64_t begin = 0;  // byte range in the file's data
  uint64_t end = 0;

  uint64_t bytes() const { return end - begin; }
};

/// A safetensors file (https://huggingface.co/docs/safetensors), mapped into memory. Opening reads
/// the header alone and checks all of it: no tensor twice, no gaps, no overlaps, sizes that fit
/// dtype, shape and file. Contents are not checked, see the checkpoint's hashes.
class SafetensorsFile {
 public:
  /// Throws CheckpointError: missing, truncated, or a header that contradicts itself or the file.
  explicit SafetensorsFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  const std::map<std::string, TensorInfo>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// Everything before the tensors.
  std::span<const std::byte> header() const {
    return file_.bytes().first(file_.size() - data_.size());
  }

  bool contains(const std::string& name) const { return tensors_.contains(name); }

  /// Throws CheckpointError when there is no such tensor.
  const TensorInfo& info(const std::string& name) const;
  std::span<const std::byte> bytes(const std::string& name) const;

 private:
  void read_header(std::string_view header, uint64_t data_bytes);

  std::filesystem::path path_;
  MappedFile file_;
  std::span<const std::byte> data_;
  std::map<std::string, TensorInfo> tensors_;
  std::map<std::string, std::string> metadata_;
};

struct NamedTensor {
  std::string name;
  TensorInfo info;  // of one to be written: dtype and shape; the writer sets begin and end
};

/// Writes a file tensor by tensor and piece by piece, so that only a piece is in memory:
///
///   SafetensorsWriter writer(path, tensors);
///   for (const auto& tensor : writer.tensors()) writer.append(bytes_of(tensor.name));
///   writer.commit();
///
/// The data begins at a multiple of 64 bytes and wide elements come first, so that each tensor is
/// aligned to its element. The file appears at commit(), whole, or not at all. Throws DataError (a
/// full disk, an unwritable folder).
class SafetensorsWriter {
 public:
  /// The metadata begin with {"format": "pt"}, which older readers ask for.
  SafetensorsWriter(const std::filesystem::path& path, std::vector<NamedTensor> tensors,
                    const std::map<std::string, std::string>& metadata = {});

  const std::vector<NamedTensor>& tensors() const { return tensors_; }  // in the order of the data
  void append(std::span<const std::byte> bytes);  // the next bytes of the data
  void commit();

 private:
  std::vector<NamedTensor> tensors_;
  AtomicFile file_;
  uint64_t data_bytes_ = 0;
  uint64_t written_ = 0;
};

/// A tensor to be written; `bytes` stay the caller's.
struct TensorBytes {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
};

/// The tensors in one file, through SafetensorsWriter.
void write_safetensors(const std::filesystem::path& path, const std::vector<TensorBytes>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace reka
