#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace reka {

/// A condition on one value, with the words that errors and documentation use for it.
template <typename Predicate>
struct Limit {
  std::string text;
  Predicate holds;
};
template <typename Predicate>
Limit(std::string, Predicate) -> Limit<Predicate>;

inline const auto positive = Limit{"> 0", [](auto value) { return value > 0; }};
inline const auto not_negative = Limit{">= 0", [](auto value) { return value >= 0; }};
inline const auto fraction =
    Limit{"in [0, 1]", [](auto value) { return value >= 0 && value <= 1; }};
inline const auto not_empty = Limit{"not empty", [](const auto& value) { return !value.empty(); }};

/// A YAML mapping whose `type` key picks one of several structs by their kName; the first is the
/// default. Reading starts from the defaults of the struct that is picked.
template <typename... Configs>
struct OneOf : std::variant<Configs...> {
  using std::variant<Configs...>::variant;
};

/// A YAML mapping by name (sources, stages, tasks), in the order of the file.
template <typename T>
using Table = std::vector<std::pair<std::string, T>>;

/// One word out of a list: `Choice precision{"bf16", {"bf16", "fp32"}}`.
struct Choice {
  std::string value;
  std::vector<std::string> words;

  bool operator==(std::string_view word) const { return value == word; }
};

namespace detail {
struct NullVisitor {
  void operator()(std::string_view, auto&, std::string_view, const auto&...) {}
  void rule(std::string_view, bool, std::string_view) {}
};
}  // namespace detail

/// A struct that names its fields in `void describe(auto& field)`:
///   field("key", member, "meaning", limits...);   the only place where the key is spelt
///   field.rule("key", condition, "must ...");     ties several fields, below them
/// Members are bool, integers, floating point, std::string, Choice, std::optional of these,
/// std::vector of these, Described structs, OneOf and Table of Described structs.
template <typename T>
concept Described = requires(T config, detail::NullVisitor visitor) {
  config.describe(visitor);
};

}  // namespace reka
