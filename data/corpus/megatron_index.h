#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "reka/base/files.h"

namespace reka::data {

/// NAME.idx and NAME.bin of Megatron-LM, mapped. The index: "MMIDIDX\0\0", u64 version 1, u8 type,
/// u64 sequences, u64 documents; i32 length and i64 offset in .bin of each sequence; i64 first
/// sequence of each document, and the end.
class MegatronIndex {
 public:
  /// Throws DataError: what is wrong with the files.
  explicit MegatronIndex(const std::filesystem::path& index);

  size_t num_documents() const { return num_documents_; }
  /// The ids of a document, all its sequences. Throws DataError where they are out of the file.
  std::vector<int64_t> document(size_t n) const;
  /// Where a document begins among the bytes of all; at num_documents() their number.
  uint64_t begin(size_t n) const;

 private:
  template <typename T>
  T number(size_t column, uint64_t n) const;
  uint64_t first_sequence(size_t document) const;

  MappedFile index_, bin_;
  int type_ = 0;
  size_t bytes_ = 0;  // of an id
  uint64_t num_sequences_ = 0, num_documents_ = 0;
  size_t lengths_ = 0, offsets_ = 0, ends_ = 0;  // where the columns begin
};

}  // namespace reka::data
