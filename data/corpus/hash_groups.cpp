#include "data/corpus/hash_groups.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "data/corpus/scratch_file.h"
#include "data/corpus/scratch_vector.h"
#include "reka/base/progress.h"

namespace reka::data {
namespace {

constexpr uint64_t kLeastBlock = 64 << 10;  // bytes that are written to a partition at once
constexpr uint64_t kMostBlock = 1 << 20;
constexpr uint64_t kLeastFan = 16;  // parts of a partition that was too large
constexpr unsigned kMostBits = 32;  // behind so many equal ones few hashes differ

// Partitions that can be written at once, a block of memory each.
uint64_t most_fan(uint64_t memory) {
  return std::bit_floor(std::max(memory / 2 / kLeastBlock, kLeastFan));
}

unsigned log2_of(uint64_t power) {
  return static_cast<unsigned>(std::countr_zero(power));
}

// Least significant digit first over the 33 bits behind the first `bits`, then the few that
// still differ; equal hashes keep their order. -> which of both holds them then.
template <typename Record>
std::span<Record> sort_by_hash(std::span<Record> records, std::span<Record> scratch,
                               unsigned bits) {
  constexpr unsigned kDigit = 11;
  constexpr unsigned kDigits = 3;
  const auto digit_of = [bits](const Record& record, unsigned digit) {
    return record.hash() << bits >> (64 - kDigit * (kDigits - digit)) & ((1U << kDigit) - 1);
  };
  std::vector<std::array<size_t, 1U << kDigit>> starts(kDigits);
  for (const auto& record : records) {
    for (unsigned digit = 0; digit < kDigits; ++digit) ++starts[digit][digit_of(record, digit)];
  }
  for (unsigned digit = 0; digit < kDigits; ++digit) {
    size_t start = 0;
    for (auto& count : starts[digit]) start += std::exchange(count, start);
    for (const auto& record : records) scratch[starts[digit][digit_of(record, digit)]++] = record;
    std::swap(records, scratch);
  }
  const auto sorted_bits = [bits](const Record& record) {
    return record.hash() << bits >> (64 - kDigit * kDigits);
  };
  for (size_t begin = 0, end = 0; begin < records.size(); begin = end) {
    bool differs = false;
    for (end = begin + 1; end < records.size(); ++end) {
      if (sorted_bits(records[end]) != sorted_bits(records[begin])) break;
      differs |= records[end].hash() != records[begin].hash();
    }
    if (!differs) continue;
    std::stable_sort(records.begin() + static_cast<std::ptrdiff_t>(begin),
                     records.begin() + static_cast<std::ptrdiff_t>(end),
                     [](const auto& a, const auto& b) { return a.hash() < b.hash(); });
  }
  return records;
}

}  // namespace

GroupingPlan plan_grouping(uint64_t records, uint64_t record_bytes, uint64_t memory) {
  GroupingPlan plan{.memory = memory, .bytes = records * record_bytes};
  if (plan.bytes <= memory / 2) return plan;  // sorting takes as much again
  const auto wanted = std::bit_ceil(plan.bytes / (memory / 4) + 1);
  plan.partitions = std::min(wanted, most_fan(memory));
  for (uint64_t parts = 1; parts < wanted; parts *= most_fan(memory)) ++plan.passes;
  return plan;
}

/// Records by the bits of their hashes behind the first `bits`, on disk.
template <typename Number>
class HashGroups<Number>::Partitions {
 public:
  struct Block {
    uint64_t offset = 0;
    size_t records = 0;
  };

  Partitions(uint64_t count, unsigned bits, uint64_t memory, const std::filesystem::path& folder)
      : file_(folder, "the hashes of all documents"),
        bits_(bits),
        count_bits_(log2_of(count)),
        block_records_(std::clamp(memory / 2 / count, kLeastBlock, kMostBlock) / sizeof(Record)),
        open_(count),
        blocks_(count),
        counts_(count) {}

  size_t count() const { return open_.size(); }
  unsigned bits() const { return bits_ + count_bits_; }  // that are equal within a part
  uint64_t records(size_t part) const { return counts_[part]; }
  uint64_t bytes() const { return file_.size(); }

  void add(const Record& record) {
    const auto part = record.hash() << bits_ >> (64 - count_bits_);
    auto& open = open_[part];
    if (open.capacity() == 0) open.reserve(block_records_);
    open.push_back(record);
    ++counts_[part];
    if (open.size() == block_records_) write(part);
  }

  void close() {
    for (size_t part = 0; part < count(); ++part) {
      if (!open_[part].empty()) write(part);
      open_[part] = {};
    }
  }

  /// use(block) for each block of a part, in the order of writing.
  template <typename UseBlock>
  void read(size_t part, const UseBlock& use) const {
    std::vector<Record> records;
    for (const auto& block : blocks_[part]) {
      records.resize(block.records);
      file_.read(block.offset, std::as_writable_bytes(std::span(records)));
      use(std::span<const Record>(records));
    }
  }

 private:
  void write(size_t part) {
    auto& open = open_[part];
    blocks_[part].push_back({file_.append(std::as_bytes(std::span(open))), open.size()});
    open.clear();
  }

  ScratchFile file_;
  unsigned bits_, count_bits_;
  size_t block_records_;
  std::vector<std::vector<Record>> open_;
  std::vector<std::vector<Block>> blocks_;
  std::vector<uint64_t> counts_;
};

template <typename Number>
HashGroups<Number>::HashGroups(uint64_t records, uint64_t memory,
                               const std::filesystem::path& folder)
    : plan_(plan_grouping(records, sizeof(Record), memory)), folder_(folder) {
  if (plan_.passes == 0) {
    records_.reserve(records);
  } else {
    parts_ = std::make_unique<Partitions>(plan_.partitions, 0, memory, folder);
  }
}

template <typename Number>
HashGroups<Number>::~HashGroups() = default;

template <typename Number>
void HashGroups<Number>::add(uint64_t hash, Number number) {
  if (parts_ == nullptr) {
    records_.emplace_back(hash, number);
  } else {
    parts_->add({hash, number});
  }
}

template <typename Number>
void HashGroups<Number>::visit(const Use& use) {
  if (parts_ == nullptr) {
    scratch_.resize(records_.size());
    visit_sorted(records_, scratch_, 0, use);
  } else {
    parts_->close();
    disk_bytes_ += parts_->bytes();
    Progress progress("grouping", static_cast<int64_t>(parts_->count()), "parts");
    for (size_t part = 0; part < parts_->count(); ++part) {
      visit_part(*parts_, part, use);
      progress.advance();
    }
    parts_.reset();
  }
  records_ = {};
  scratch_ = {};
}

template <typename Number>
void HashGroups<Number>::visit_part(const Partitions& parts, size_t part, const Use& use) {
  const auto bytes = parts.records(part) * sizeof(Record);
  if (bytes <= plan_.memory / 2) {
    records_.clear();
    parts.read(part,
               [this](auto block) { records_.insert(records_.end(), block.begin(), block.end()); });
    scratch_.resize(records_.size());
    visit_sorted(records_, scratch_, parts.bits(), use);
  } else if (parts.bits() < kMostBits) {
    const auto fan = std::bit_ceil(bytes / (plan_.memory / 4) + 1);
    Partitions children(std::clamp(fan, kLeastFan, most_fan(plan_.memory)), parts.bits(),
                        plan_.memory, folder_);
    parts.read(part, [&](auto block) {
      for (const auto& record : block) children.add(record);
    });
    children.close();
    disk_bytes_ += children.bytes();
    for (size_t child = 0; child < children.count(); ++child) visit_part(children, child, use);
  } else {
    visit_mapped(parts, part, use);
  }
}

template <typename Number>
void HashGroups<Number>::visit_mapped(const Partitions& parts, size_t part, const Use& use) const {
  const auto count = parts.records(part);
  ScratchMap records(folder_, "the hashes of all documents"),
      scratch(folder_, "the hashes of all documents");
  records.grow(count * sizeof(Record));
  scratch.grow(count * sizeof(Record));
  const std::span<Record> read(reinterpret_cast<Record*>(records.data()), count);
  auto next = read.begin();
  parts.read(part, [&](auto block) { next = std::ranges::copy(block, next).out; });
  visit_sorted(read, {reinterpret_cast<Record*>(scratch.data()), count}, parts.bits(), use);
}

template <typename Number>
void HashGroups<Number>::visit_sorted(std::span<Record> records, std::span<Record> scratch,
                                      unsigned bits, const Use& use) {
  const auto sorted = sort_by_hash(records, scratch, bits);
  for (size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    const auto hash = sorted[begin].hash();
    for (end = begin + 1; end < sorted.size() && sorted[end].hash() == hash;) ++end;
    if (end - begin > 1) use(sorted.subspan(begin, end - begin));
  }
}

template class HashGroups<uint32_t>;
template class HashGroups<uint64_t>;

}  // namespace reka::data
