#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace reka {

/// Of folders that are written to.
inline constexpr const char* kNoTilde =
    "must be a path: shells put the home folder for ~ at the beginning of a word alone; ${HOME} is "
    "read";

namespace detail {
std::string number_text(double value);  // shortest digits that read back: 1, 0.5, 1e-05
}

/// A condition on one value, with the words that errors and documentation use for it. Where the
/// words are "> 0", ">= 2", "in [0, 1)", "a multiple of 64" or "not empty", the schema knows it
/// too.
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

inline auto at_least(double low) {
  return Limit{">= " + detail::number_text(low),
               [=](auto value) { return static_cast<double>(value) >= low; }};
}
inline auto between(double low, double high) {  // both ends are allowed
  return Limit{"in [" + detail::number_text(low) + ", " + detail::number_text(high) + "]",
               [=](auto value) {
                 return static_cast<double>(value) >= low && static_cast<double>(value) <= high;
               }};
}
inline auto multiple_of(int64_t factor) {
  return Limit{"a multiple of " + std::to_string(factor),
               [=](auto value) { return static_cast<int64_t>(value) % factor == 0; }};
}
/// A limit that every item of a list meets.
template <typename Predicate>
auto each(const Limit<Predicate>& limit) {
  return Limit{"each " + limit.text, [holds = limit.holds](const auto& values) {
                 return std::all_of(values.begin(), values.end(), holds);
               }};
}

/// A YAML mapping whose `type` key picks one of several structs by their kName. Without the key it
/// is the one that the member holds, the first unless initialised otherwise. Reading starts from
/// the defaults of the struct that is picked.
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
  void rule(std::string_view, const auto&, std::string_view) {}
};
}  // namespace detail

/// A struct that names its fields in `void describe(auto& field)`:
///   field("key", member, "meaning", limits...);   the only place where the key is spelt
///   field.rule("key", condition, "must ...");     ties several fields, below them
/// A default that breaks its own limit makes the key one that must be given. A rule is checked only
/// where all values of its struct are good; a condition that fails badly for some defaults (a
/// division by zero) is given as a lambda. A rule on a struct further down names "part.key".
///
/// Members are bool, integers, floating point, std::string, Choice, std::optional of these but
/// Choice, Described structs, OneOf; std::vector and Table of all of these but bool and Choice.
/// The key `include` is taken in every mapping, `type` in the alternatives of a OneOf.
template <typename T>
concept Described = requires(T config, detail::NullVisitor visitor) {
  config.describe(visitor);
};

}  // namespace reka
