#include "reka/base/scalar.h"

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include "reka/base/words.h"

namespace reka {
namespace {

using Kind = YamlNode::Kind;

template <typename T>
std::errc parse(const std::string& text, T& value) {
  const auto* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  return code == std::errc() && stop != end ? std::errc::invalid_argument : code;
}

/// Calls `use(T*)` with the integer's true type.
template <typename Use>
auto with_integer(const IntegerValue& value, Use use) {
  const auto pick = [&]<typename Signed, typename Unsigned>(Signed, Unsigned) {
    if (value.is_signed) return use(Signed{});
    return use(Unsigned{});
  };
  switch (value.bits) {
    case 8:
      return pick(int8_t{}, uint8_t{});
    case 16:
      return pick(int16_t{}, uint16_t{});
    case 32:
      return pick(int32_t{}, uint32_t{});
    default:
      return pick(int64_t{}, uint64_t{});
  }
}

std::string read(const YamlNode& node, bool* value) {
  if (node.quoted || (node.text != "true" && node.text != "false")) return "must be true or false";
  *value = node.text == "true";
  return {};
}

std::string read(const YamlNode& node, const IntegerValue& value) {
  return with_integer(value, [&]<typename T>(T parsed) -> std::string {
    const auto code = parse(node.text, parsed);
    if (code == std::errc::result_out_of_range) {
      using Limits = std::numeric_limits<T>;
      return fmt::format("must be an integer in [{}, {}]", Limits::min(), Limits::max());
    }
    if (node.quoted || code != std::errc())
      return value.is_signed ? "must be an integer" : "must be an integer >= 0";
    std::memcpy(value.address, &parsed, sizeof(T));
    return {};
  });
}

template <std::floating_point T>
std::string read(const YamlNode& node, T* value) {
  T parsed = 0;
  const auto code = parse(node.text, parsed);
  if (code == std::errc::result_out_of_range) return "must be a number that fits its precision";
  if (node.quoted || code != std::errc() || !std::isfinite(parsed)) return "must be a number";
  *value = parsed;
  return {};
}

std::string read(const YamlNode& node, std::string* value) {
  *value = node.text;
  return {};
}

std::string read(const YamlNode& node, Choice* value) {
  for (const auto& word : value->words) {
    if (word != node.text) continue;
    value->value = word;
    return {};
  }
  return fmt::format("must be one of {}{}", join_words(value->words, ", "),
                     did_you_mean(node.text, value->words));
}

template <std::floating_point T>
std::string number_text(T value) {
  return fmt::format("{}", value);
}

struct Text {
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const IntegerValue& value) const {
    return with_integer(value, [&]<typename T>(T number) {
      std::memcpy(&number, value.address, sizeof(T));
      return fmt::format("{}", +number);  // + so that 8 bits are no character
    });
  }
  std::string operator()(const float* value) const { return number_text(*value); }
  std::string operator()(const double* value) const { return number_text(*value); }
  std::string operator()(const std::string* value) const { return *value; }
  std::string operator()(const Choice* value) const { return value->value; }
};

struct Type {
  std::string operator()(const bool*) const { return "true or false"; }
  std::string operator()(const IntegerValue& value) const {
    return value.is_signed ? "integer" : "integer >= 0";
  }
  std::string operator()(const float*) const { return "number"; }
  std::string operator()(const double*) const { return "number"; }
  std::string operator()(const std::string*) const { return "text"; }
  std::string operator()(const Choice* value) const { return join_words(value->words, " | "); }
};

}  // namespace

std::string read_scalar(const YamlNode& node, const ScalarValue& value) {
  if (!node.is(Kind::kScalar)) {
    YamlNode nothing;  // a list, a mapping or nothing is what no scalar takes: ask what it takes
    nothing.quoted = true;
    if (std::holds_alternative<std::string*>(value)) return "must be text";
    return std::visit([&](const auto& member) { return read(nothing, member); }, value);
  }
  return std::visit([&](const auto& member) { return read(node, member); }, value);
}

YamlNode write_scalar(const ScalarValue& value) {
  YamlNode node;
  node.kind = Kind::kScalar;
  node.text = std::visit(Text{}, value);
  node.quoted = std::holds_alternative<std::string*>(value);
  return node;
}

std::pair<std::string, std::string> integer_range(const IntegerValue& value) {
  if (value.bits == 64) return {value.is_signed ? "" : "0", ""};
  return with_integer(value, [](auto number) {
    using Limits = std::numeric_limits<decltype(number)>;
    return std::pair{std::to_string(Limits::min()), std::to_string(Limits::max())};
  });
}

std::string scalar_type(const ScalarValue& value) {
  return std::visit(Type{}, value);
}

}  // namespace reka
