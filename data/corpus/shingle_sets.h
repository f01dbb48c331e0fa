#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "data/corpus/scratch_file.h"

namespace reka::data {

/// The distinct shingles of a text, in order, 32 bits of each.
std::vector<uint32_t> shingle_set(std::span<const uint64_t> shingles);

/// Intersection over union of two ordered sets; 0 where both are empty.
double jaccard(std::span<const uint32_t> a, std::span<const uint32_t> b);

/// The shingle sets of documents by number, on disk; 16 bytes of memory for each.
class ShingleSets {
 public:
  ShingleSets(size_t documents, const std::filesystem::path& folder)
      : file_(folder, "the shingles of all documents"), places_(documents) {}

  void add(size_t document, std::span<const uint32_t> set);
  double similarity(size_t a, size_t b);

 private:
  struct Place {
    uint64_t offset = 0;
    uint64_t count = 0;
  };

  void read(size_t document, std::vector<uint32_t>& set) const;

  ScratchFile file_;
  std::vector<Place> places_;
  std::vector<uint32_t> a_, b_;
};

}  // namespace reka::data
