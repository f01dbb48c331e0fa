#include "data/corpus/hash_groups.h"

#include <map>
#include <utility>

#include "data/corpus/lsh.h"
#include "reka/base/random.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using Groups = std::map<uint64_t, std::vector<uint64_t>>;
using Records = std::vector<std::pair<uint64_t, uint32_t>>;

Groups plain_groups(const Records& records) {
  Groups groups;
  for (const auto& [hash, number] : records) groups[hash].push_back(number);
  std::erase_if(groups, [](const auto& group) { return group.second.size() < 2; });
  return groups;
}

template <typename Number>
Groups found_groups(const Records& records, uint64_t memory, const std::filesystem::path& folder) {
  HashGroups<Number> found(records.size(), memory, folder);
  for (const auto& [hash, number] : records) found.add(hash, number);
  Groups groups;
  uint64_t last = 0;
  bool is_right = true;
  found.visit([&](auto group) {
    const auto hash = group[0].hash();
    auto& numbers = groups[hash];
    is_right &= group.size() > 1 && hash >= last && numbers.empty();
    last = hash;
    for (const auto& record : group) {
      is_right &= record.hash() == hash;
      numbers.push_back(record.number);
    }
  });
  CHECK(is_right);
  return groups;
}

Records random_records(uint32_t count) {
  Records records;
  for (uint32_t n = 0; n < count; ++n) {
    // Half of them pair up, one in eight is of ten heavy hashes, and some differ in the low bits.
    const auto kind = n % 8;
    const auto base = mix64(kind < 4 ? n / 8 : n);
    records.emplace_back(kind == 7 ? mix64(n % 10) : kind == 6 ? base & ~7ULL | n % 4 : base, n);
    if (kind == 6) records.emplace_back(base & ~7ULL | 5, n);
  }
  return records;
}

}  // namespace

TEST_CASE("hash groups: the same in memory, on disk, and parted twice", "[data][hash_groups]") {
  const testing::TempFolder folder;
  const auto records = random_records(120000);
  const auto expected = plain_groups(records);
  for (const uint64_t memory : {64 << 20, 1 << 20, 100 << 10}) {
    CHECK(found_groups<uint32_t>(records, memory, folder.path()) == expected);
    CHECK(found_groups<uint64_t>(records, memory, folder.path()) == expected);
  }
}

TEST_CASE("hash groups: one hash of more numbers than memory holds comes whole",
          "[data][hash_groups]") {
  const testing::TempFolder folder;
  Records records;
  for (uint32_t n = 0; n < 60000; ++n) records.emplace_back(n % 100 == 0 ? mix64(n / 300) : 7, n);
  CHECK(found_groups<uint32_t>(records, 64 << 10, folder.path()) == plain_groups(records));
}

TEST_CASE("hash groups: a plan needs no disk while two copies fit, and more passes later",
          "[data][hash_groups]") {
  CHECK(plan_grouping(1000, 12, 1 << 20).passes == 0);
  const auto once = plan_grouping(1'400'000'000, 12, 512 << 20);
  CHECK(once.passes == 1);
  CHECK(once.partition_bytes() <= (512U << 20) / 4);
  CHECK(plan_grouping(1'400'000'000'000, 16, 512 << 20).passes == 2);
}

TEST_CASE("lsh: clusters are the components of what agrees, the least number first",
          "[data][hash_groups]") {
  const testing::TempFolder folder;
  LshClusters<uint32_t> clusters(6, 2, 1 << 20, folder.path());
  const auto add = [&](uint32_t document, uint64_t a, uint64_t b) {
    clusters.add(document, std::vector<uint64_t>{a, b});
  };
  add(0, 1, 50);
  add(1, 2, 60);
  add(2, 3, 50);
  add(3, 3, 70);
  add(5, 2, 61);
  clusters.join();
  const auto& sets = clusters.sets();
  CHECK(sets.first_of(3) == 0);
  CHECK(sets.count(0) == 3);
  CHECK(sets.first_of(5) == 1);
  CHECK(sets.count(1) == 2);
  CHECK(sets.is_first(4));
  CHECK(sets.count(4) == 1);
}

TEST_CASE("lsh: pairs that are not confirmed join nothing", "[data][hash_groups]") {
  const testing::TempFolder folder;
  LshClusters<uint32_t> clusters(4, 1, 1 << 20, folder.path());
  for (uint32_t n = 0; n < 4; ++n) clusters.add(n, std::vector<uint64_t>{9});
  clusters.join([](uint32_t a, uint32_t b) { return a % 2 == b % 2; });
  CHECK(clusters.sets().first_of(2) == 0);
  CHECK(clusters.sets().first_of(3) == 1);
  CHECK(clusters.sets().count(0) == 2);
  CHECK(clusters.refused() == 4);
  CHECK(clusters.compared() == 6);
}

}  // namespace reka::data
