#include "data/corpus/scratch_vector.h"

#include <algorithm>
#include <utility>

#include <sys/mman.h>

#include "reka/base/error.h"

namespace reka::data {
namespace {

constexpr uint64_t kLeastGrowth = 1 << 20;
constexpr uint64_t kMostGrowth = 1 << 30;

}  // namespace

ScratchMap::ScratchMap(const std::filesystem::path& folder, std::string holds)
    : file_(folder, std::move(holds)) {}

ScratchMap::~ScratchMap() {
  if (data_ != nullptr) munmap(data_, size_);
}

void ScratchMap::grow(uint64_t bytes) {
  const auto size = std::max(bytes, size_ + std::clamp(size_, kLeastGrowth, kMostGrowth));
  file_.reserve(size);
  auto* data = data_ == nullptr
                   ? mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_.file(), 0)
                   : mremap(data_, size_, size, MREMAP_MAYMOVE);
  if (data == MAP_FAILED) throw DataError("{} bytes of address space: must be free", size);
  data_ = static_cast<std::byte*>(data);
  size_ = size;
}

}  // namespace reka::data
