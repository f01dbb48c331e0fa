#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <c10/util/Exception.h>

namespace reka::data {

/// Values as bytes that only this program reads again, from a file or from another of its
/// processes.
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

/// Values of any of these: trivially copyable, std::string, std::vector, std::optional, std::pair
/// and std::map of them, and structs whose static `members(self)` ties theirs together.
template <typename T>
void pack_value(const T& value, Packer& to);
template <typename T>
T unpack_value(Unpacker& from);

namespace detail {

template <typename T>
struct Packing {
  static void pack(const T& value, Packer& to) {
    if constexpr (requires { T::members(value); }) {
      std::apply([&](const auto&... members) { (pack_value(members, to), ...); },
                 T::members(value));
    } else {
      to.number(value);
    }
  }
  static T unpack(Unpacker& from) {
    if constexpr (requires(T value) { T::members(value); }) {
      T value;
      std::apply(
          [&](auto&... members) {
            ((members = unpack_value<std::remove_reference_t<decltype(members)>>(from)), ...);
          },
          T::members(value));
      return value;
    } else {
      return from.number<T>();
    }
  }
};

template <>
struct Packing<std::string> {
  static void pack(const std::string& value, Packer& to) { to.text(value); }
  static std::string unpack(Unpacker& from) { return from.text(); }
};

template <typename T>
struct Packing<std::vector<T>> {
  static constexpr bool kIsPlain = std::is_trivially_copyable_v<T>;

  static void pack(const std::vector<T>& values, Packer& to) {
    if constexpr (kIsPlain) {
      to.numbers(values);
    } else {
      to.number<uint64_t>(values.size());
      for (const auto& value : values) pack_value(value, to);
    }
  }
  static std::vector<T> unpack(Unpacker& from) {
    if constexpr (kIsPlain) {
      return from.numbers<T>();
    } else {
      std::vector<T> values;
      for (auto left = from.number<uint64_t>(); left > 0; --left)
        values.push_back(unpack_value<T>(from));
      return values;
    }
  }
};

template <typename T>
struct Packing<std::optional<T>> {
  static void pack(const std::optional<T>& value, Packer& to) {
    to.number<uint8_t>(value ? 1 : 0);
    if (value) pack_value(*value, to);
  }
  static std::optional<T> unpack(Unpacker& from) {
    if (from.number<uint8_t>() == 0) return std::nullopt;
    return unpack_value<T>(from);
  }
};

template <typename A, typename B>
struct Packing<std::pair<A, B>> {
  static void pack(const std::pair<A, B>& value, Packer& to) {
    pack_value(value.first, to);
    pack_value(value.second, to);
  }
  static std::pair<A, B> unpack(Unpacker& from) {
    auto first = unpack_value<A>(from);
    return {std::move(first), unpack_value<B>(from)};
  }
};

template <typename K, typename V>
struct Packing<std::map<K, V>> {
  static void pack(const std::map<K, V>& values, Packer& to) {
    to.number<uint64_t>(values.size());
    for (const auto& value : values) pack_value(std::pair<K, V>(value), to);
  }
  static std::map<K, V> unpack(Unpacker& from) {
    std::map<K, V> values;
    for (auto left = from.number<uint64_t>(); left > 0; --left)
      values.insert(values.end(), unpack_value<std::pair<K, V>>(from));
    return values;
  }
};

}  // namespace detail

template <typename T>
void pack_value(const T& value, Packer& to) {
  detail::Packing<T>::pack(value, to);
}

template <typename T>
T unpack_value(Unpacker& from) {
  return detail::Packing<T>::unpack(from);
}

template <typename T>
std::string to_bytes(const T& value) {
  std::string bytes;
  Packer to(bytes);
  pack_value(value, to);
  return bytes;
}

template <typename T>
T from_bytes(std::string_view bytes) {
  Unpacker from(bytes);
  return unpack_value<T>(from);
}

}  // namespace reka::data
