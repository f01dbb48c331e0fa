#include "data/corpus/scratch_vector.h"

#include <span>

#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {

TEST_CASE("scratch vector: values stay as it grows", "[data][scratch]") {
  const testing::TempFolder folder;
  ScratchVector<uint64_t> numbers(folder.path(), "numbers");
  CHECK(numbers.size() == 0);
  CHECK(numbers.begin() == numbers.end());
  constexpr uint64_t kCount = 400'000;  // several times the first size
  for (uint64_t n = 0; n < kCount; ++n) numbers.push_back(n * n);
  REQUIRE(numbers.size() == kCount);
  bool same = true;
  for (uint64_t n = 0; n < kCount; ++n) same = same && numbers[n] == n * n;
  CHECK(same);
  CHECK(std::span<const uint64_t>(numbers).back() == (kCount - 1) * (kCount - 1));
  CHECK(std::filesystem::is_empty(folder.path()));
}

}  // namespace reka::data
