#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "reka/base/config.h"

namespace reka {

// The members of a described struct without their types, so that reading, writing and documenting
// are ordinary code: describe() is compiled for one visitor, FieldVisitor, which hands them on.

struct Value;
class ConfigVisitor;
using UseValue = std::function<void(Value&)>;

/// An integer member of any width.
struct IntegerValue {
  void* address;
  int bits;
  bool is_signed;
};

using ScalarValue = std::variant<bool*, IntegerValue, float*, double*, std::string*, Choice*>;

/// A described struct.
struct StructValue {
  std::function<void(ConfigVisitor&)> describe;
};

struct OneOfValue {
  std::vector<std::string> names;
  std::function<size_t()> held;
  std::function<StructValue(size_t)> pick;  // that alternative, from its defaults unless held
  std::function<void(size_t, const std::function<void(StructValue&)>&)> example;
};

/// std::vector, or Table when it has names.
struct SequenceValue {
  bool named;
  std::function<void()> clear;
  std::function<void(std::string name, const UseValue&)> append;
  std::function<void(const std::function<void(const std::string& name, Value&)>&)> each;
  std::function<void(const UseValue&)> example;  // a default item that belongs to no list
};

struct OptionalValue {
  std::function<bool()> given;
  std::function<void()> reset;
  std::function<void(const UseValue&)> use;  // the value, a default one unless given
  std::function<void(const UseValue&)> example;
};

struct Value : std::variant<ScalarValue, StructValue, OneOfValue, SequenceValue, OptionalValue> {
  using variant::variant;
};

/// A limit with its value.
struct BoundLimit {
  std::string_view text;
  std::function<bool()> holds;
};

struct FieldInfo {
  std::string_view key;
  std::string_view meaning;
  std::span<const BoundLimit> limits;
  std::function<void()> restore;  // the value from before; empty without limits
};

/// What reads, writes or documents: the receiver of describe().
class ConfigVisitor {
 public:
  virtual ~ConfigVisitor() = default;
  virtual void field(const FieldInfo& info, Value& value) = 0;
  virtual void rule(std::string_view key, const std::function<bool()>& holds,
                    std::string_view text) = 0;
};

template <typename T>
Value value_of(T& member);

/// The `field` of every describe().
class FieldVisitor {
 public:
  explicit FieldVisitor(ConfigVisitor& visitor) : visitor_(visitor) {}

  template <typename T, typename... Predicates>
  void operator()(std::string_view key, T& member, std::string_view meaning,
                  const Limit<Predicates>&... limits) {
    auto value = value_of(member);
    FieldInfo info{key, meaning, {}, {}};
    if constexpr (sizeof...(limits) > 0) {
      const BoundLimit bound[] = {bind(member, limits)...};
      info.limits = bound;
      info.restore = [&member, before = member] { member = before; };
      visitor_.field(info, value);
    } else {
      visitor_.field(info, value);
    }
  }

  void rule(std::string_view key, bool holds, std::string_view text) {
    visitor_.rule(
        key, [holds] { return holds; }, text);
  }
  void rule(std::string_view key, const std::invocable auto& holds, std::string_view text) {
    visitor_.rule(key, holds, text);
  }

 private:
  template <typename T>
  static BoundLimit bind(const T& member, const auto& limit) {
    return {limit.text, [&] { return limit.holds(member); }};
  }
  template <typename T>
  static BoundLimit bind(const std::optional<T>& member, const auto& limit) {
    return {limit.text, [&] { return !member || limit.holds(*member); }};
  }

  ConfigVisitor& visitor_;
};

template <Described T>
StructValue struct_value(T& member) {
  return {[&member](ConfigVisitor& visitor) {
    FieldVisitor field(visitor);
    member.describe(field);
  }};
}

namespace detail {

template <typename T>
inline constexpr bool kKnown = false;

template <typename... Configs>
OneOfValue one_of_value(OneOf<Configs...>& member) {
  using Base = std::variant<Configs...>;
  OneOfValue value;
  value.names = {std::string(Configs::kName)...};
  value.held = [&member] { return member.index(); };
  value.pick = [&member](size_t index) {
    if (index != member.index()) {
      size_t n = 0;
      ((n++ == index ? void(member.template emplace<Configs>()) : void()), ...);
    }
    return std::visit([](auto& config) { return struct_value(config); },
                      static_cast<Base&>(member));
  };
  value.example = [&member](size_t index, const std::function<void(StructValue&)>& use) {
    size_t n = 0;
    const auto use_one = [&]<typename Config>(Config config) {
      if (const auto* held = std::get_if<Config>(&static_cast<Base&>(member))) config = *held;
      auto described = struct_value(config);
      use(described);
    };
    ((n++ == index ? use_one(Configs{}) : void()), ...);
  };
  return value;
}

template <typename T>
void use_example(const UseValue& use) {
  T example{};
  auto value = value_of(example);
  use(value);
}

template <typename T>
SequenceValue list_value(std::vector<T>& member) {
  static_assert(!std::is_same_v<T, bool> && !std::is_same_v<T, Choice>,
                "a list of bool or Choice cannot be described");
  SequenceValue value{false, {}, {}, {}, use_example<T>};
  value.clear = [&member] { member.clear(); };
  value.append = [&member](const std::string&, const UseValue& use) {
    auto item = value_of(member.emplace_back());
    use(item);
  };
  value.each = [&member](const auto& use) {
    for (auto& item : member) {
      auto one = value_of(item);
      use("", one);
    }
  };
  return value;
}

template <typename T>
SequenceValue table_value(Table<T>& member) {
  SequenceValue value{true, {}, {}, {}, use_example<T>};
  value.clear = [&member] { member.clear(); };
  value.append = [&member](std::string name, const UseValue& use) {
    auto item = value_of(member.emplace_back(std::move(name), T{}).second);
    use(item);
  };
  value.each = [&member](const auto& use) {
    for (auto& [name, item] : member) {
      auto one = value_of(item);
      use(name, one);
    }
  };
  return value;
}

template <typename T>
OptionalValue optional_value(std::optional<T>& member) {
  static_assert(!std::is_same_v<T, Choice>, "an optional Choice has no words: add one for absent");
  OptionalValue value;
  value.given = [&member] { return member.has_value(); };
  value.reset = [&member] { member.reset(); };
  value.use = [&member](const UseValue& use) {
    auto inner = value_of(member ? *member : member.emplace());
    use(inner);
  };
  value.example = use_example<T>;
  return value;
}

template <typename... Configs>
Value container_value(OneOf<Configs...>& member) {
  return one_of_value(member);
}
template <typename T>
Value container_value(std::vector<T>& member) {
  return list_value(member);
}
template <typename T>
Value container_value(std::vector<std::pair<std::string, T>>& member) {
  return table_value(member);
}
template <typename T>
Value container_value(std::optional<T>& member) {
  return optional_value(member);
}

}  // namespace detail

template <typename T>
Value value_of(T& member) {
  if constexpr (Described<T>)
    return struct_value(member);
  else if constexpr (std::same_as<T, bool> || std::same_as<T, float> || std::same_as<T, double> ||
                     std::same_as<T, std::string> || std::same_as<T, Choice>)
    return ScalarValue(&member);
  else if constexpr (std::integral<T>)
    return ScalarValue(IntegerValue{&member, int{sizeof(T)} * 8, std::is_signed_v<T>});
  else
    return detail::container_value(member);
}

}  // namespace reka
