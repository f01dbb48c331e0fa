#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <type_traits>

#include "data/corpus/scratch_file.h"

namespace reka::data {

/// Bytes of a scratch file, mapped and growing: what memory does not hold the system leaves on
/// disk.
class ScratchMap {
 public:
  ScratchMap(const std::filesystem::path& folder, std::string holds);
  ~ScratchMap();
  ScratchMap(const ScratchMap&) = delete;
  ScratchMap& operator=(const ScratchMap&) = delete;

  std::byte* data() const { return data_; }
  uint64_t size() const { return size_; }
  /// At least so many bytes; data() may move. Throws DataError: the disk is full.
  void grow(uint64_t bytes);

 private:
  ScratchFile file_;
  std::byte* data_ = nullptr;
  uint64_t size_ = 0;
};

/// A vector on the disk of a folder.
template <typename T>
class ScratchVector {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  ScratchVector(const std::filesystem::path& folder, std::string holds)
      : map_(folder, std::move(holds)) {}

  void push_back(const T& value) {
    if ((size_ + 1) * sizeof(T) > map_.size()) map_.grow((size_ + 1) * sizeof(T));
    reinterpret_cast<T*>(map_.data())[size_++] = value;
  }

  size_t size() const { return size_; }
  const T* data() const { return reinterpret_cast<const T*>(map_.data()); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  const T& operator[](size_t n) const { return data()[n]; }

 private:
  ScratchMap map_;
  size_t size_ = 0;
};

}  // namespace reka::data
