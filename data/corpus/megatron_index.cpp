#include "data/corpus/megatron_index.h"

#include <array>
#include <bit>
#include <cstring>
#include <string_view>

#include "reka/base/error.h"

namespace reka::data {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kIndexMagic("MMIDIDX\0\0", 9);
constexpr size_t kHeaderBytes = kIndexMagic.size() + 8 + 1 + 8 + 8;
// Of the types uint8 1, int8 2, int16 3, int32 4, int64 5, float64 6, float32 7, uint16 8.
constexpr std::array<size_t, 9> kIdBytes = {0, 1, 1, 2, 4, 8, 0, 0, 2};

template <typename T>
T read_number(std::span<const std::byte> bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

int64_t read_id(int type, std::span<const std::byte> bytes, size_t at) {
  switch (type) {
    case 1:
      return read_number<uint8_t>(bytes, at);
    case 2:
      return read_number<int8_t>(bytes, at);
    case 3:
      return read_number<int16_t>(bytes, at);
    case 4:
      return read_number<int32_t>(bytes, at);
    case 5:
      return read_number<int64_t>(bytes, at);
    default:
      return read_number<uint16_t>(bytes, at);
  }
}

}  // namespace

MegatronIndex::MegatronIndex(const std::filesystem::path& index)
    : index_(index), bin_(std::filesystem::path(index).replace_extension(".bin")) {
  const auto bytes = index_.bytes();
  if (bytes.size() < kHeaderBytes ||
      std::memcmp(bytes.data(), kIndexMagic.data(), kIndexMagic.size()) != 0)
    throw DataError("not an index of Megatron");
  const auto version = read_number<uint64_t>(bytes, kIndexMagic.size());
  if (version != 1) throw DataError("version {}: must be 1", version);
  type_ = read_number<uint8_t>(bytes, kIndexMagic.size() + 8);
  bytes_ = static_cast<size_t>(type_) < kIdBytes.size() ? kIdBytes[static_cast<size_t>(type_)] : 0;
  if (bytes_ == 0) throw DataError("type {} of ids: must be a whole number", type_);
  num_sequences_ = read_number<uint64_t>(bytes, kIndexMagic.size() + 9);
  const auto ends = read_number<uint64_t>(bytes, kIndexMagic.size() + 17);
  const auto room = bytes.size() - kHeaderBytes;
  if (num_sequences_ > room / 12 || ends > (room - 12 * num_sequences_) / 8)
    throw DataError("truncated: {} sequences and {} documents in {} bytes", num_sequences_, ends,
                    bytes.size());
  if (ends == 0) throw DataError("no ends of documents");
  num_documents_ = ends - 1;
  lengths_ = kHeaderBytes;
  offsets_ = lengths_ + 4 * num_sequences_;
  ends_ = offsets_ + 8 * num_sequences_;
}

template <typename T>
T MegatronIndex::number(size_t column, uint64_t n) const {
  return read_number<T>(index_.bytes(), column + n * sizeof(T));
}

uint64_t MegatronIndex::first_sequence(size_t document) const {
  const auto first = number<int64_t>(ends_, document);
  if (first < 0 || static_cast<uint64_t>(first) > num_sequences_)
    throw DataError("ends of documents out of range");
  return static_cast<uint64_t>(first);
}

uint64_t MegatronIndex::begin(size_t n) const {
  const auto sequence = first_sequence(n);
  if (sequence == num_sequences_) return bin_.size();
  const auto offset = number<int64_t>(offsets_, sequence);
  if (offset < 0 || static_cast<uint64_t>(offset) > bin_.size())
    throw DataError("sequence out of the .bin of {} bytes", bin_.size());
  return static_cast<uint64_t>(offset);
}

std::vector<int64_t> MegatronIndex::document(size_t n) const {
  const auto first = first_sequence(n), last = first_sequence(n + 1);
  if (first > last) throw DataError("ends of documents out of order");
  std::vector<int64_t> ids;
  for (auto sequence = first; sequence < last; ++sequence) {
    const auto length = number<int32_t>(lengths_, sequence);
    const auto offset = number<int64_t>(offsets_, sequence);
    if (length < 0 || offset < 0 || static_cast<uint64_t>(offset) > bin_.size() ||
        static_cast<uint64_t>(length) > (bin_.size() - static_cast<uint64_t>(offset)) / bytes_)
      throw DataError("sequence out of the .bin of {} bytes", bin_.size());
    if (ids.size() + static_cast<uint64_t>(length) > bin_.size() / bytes_)
      throw DataError("sequences overlap: more ids than the .bin holds");
    for (int64_t id = 0; id < length; ++id) {
      ids.push_back(read_id(type_, bin_.bytes(),
                            static_cast<size_t>(offset) + static_cast<size_t>(id) * bytes_));
    }
  }
  return ids;
}

}  // namespace reka::data
