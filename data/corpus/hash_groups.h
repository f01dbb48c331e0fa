#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace reka::data {

/// A hash and the number of what it is of; 12 bytes with 32-bit numbers, 16 with 64-bit ones.
template <typename Number>
struct HashedNumber {
  uint32_t low = 0;
  uint32_t high = 0;
  Number number = 0;

  HashedNumber() = default;
  HashedNumber(uint64_t hash, Number n)
      : low(static_cast<uint32_t>(hash)), high(static_cast<uint32_t>(hash >> 32)), number(n) {}
  uint64_t hash() const { return static_cast<uint64_t>(high) << 32 | low; }
};

/// How so many records come together within so much memory.
struct GroupingPlan {
  uint64_t memory = 0;      // bytes
  uint64_t bytes = 0;       // of all records
  uint64_t partitions = 1;  // by the first bits of the hash, written to disk and read back
  uint64_t passes = 0;      // how often every record is written to disk; 0: all stay in memory
  uint64_t partition_bytes() const { return bytes / partitions; }
};
GroupingPlan plan_grouping(uint64_t records, uint64_t record_bytes, uint64_t memory);

/// Brings numbers with equal hashes together, in bounded memory: records are written to partitions
/// by the first bits of their hash, in one file without a name, and each partition is sorted by
/// itself; one that is still too large is parted again by its next bits, and one of few hashes with
/// more numbers than memory holds is sorted in a mapped file. The groups are the same for any
/// memory.
template <typename Number>
class HashGroups {
 public:
  using Record = HashedNumber<Number>;
  /// At least two numbers of one hash, in the order in which they were added.
  using Use = std::function<void(std::span<const Record>)>;

  /// `records`: about how many will come. The file lies on the disk of `folder`.
  HashGroups(uint64_t records, uint64_t memory, const std::filesystem::path& folder);
  ~HashGroups();
  HashGroups(const HashGroups&) = delete;
  HashGroups& operator=(const HashGroups&) = delete;

  void add(uint64_t hash, Number number);

  /// All groups in the order of their hashes; nothing is left here after it.
  void visit(const Use& use);

  const GroupingPlan& plan() const { return plan_; }
  uint64_t disk_bytes() const { return disk_bytes_; }  // written by visit() and before it

 private:
  class Partitions;

  void visit_part(const Partitions& parts, size_t part, const Use& use);
  void visit_mapped(const Partitions& parts, size_t part, const Use& use) const;
  static void visit_sorted(std::span<Record> records, std::span<Record> scratch, unsigned bits,
                           const Use& use);

  GroupingPlan plan_;
  std::filesystem::path folder_;
  std::vector<Record> records_;        // where all fit
  std::unique_ptr<Partitions> parts_;  // where they do not
  std::vector<Record> scratch_;
  uint64_t disk_bytes_ = 0;
};

extern template class HashGroups<uint32_t>;
extern template class HashGroups<uint64_t>;

}  // namespace reka::data
