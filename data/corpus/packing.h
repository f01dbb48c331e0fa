#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <c10/util/Exception.h>

namespace reka::data {

/// Values as bytes for a file that only this program on this machine reads again.
class Packer {
 public:
  explicit Packer(std::string& bytes) : bytes_(bytes) {}

  template <typename T>
  void number(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void text(std::string_view value) {
    number<uint64_t>(value.size());
    bytes_ += value;
  }
  template <typename T>
  void numbers(const std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T>);
    text({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
  }

 private:
  std::string& bytes_;
};

/// The same values in the same order. What is read must be what a Packer wrote: hashes tell.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

  bool done() const { return bytes_.empty(); }

  template <typename T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    return value;
  }
  std::string text() { return std::string(take(number<uint64_t>())); }
  template <typename T>
  std::vector<T> numbers() {
    const auto bytes = take(number<uint64_t>());
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
    return values;
  }

 private:
  std::string_view take(uint64_t size) {
    TORCH_CHECK(size <= bytes_.size(), "unpack: bytes end within a value");
    const auto taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
};

}  // namespace reka::data
