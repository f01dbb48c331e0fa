#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reka/base/value.h"
#include "reka/base/yaml.h"

namespace reka {

/// A configuration as it was read, and the tree of all its values, each with its origin: the
/// default, a place in a file or the command line.
template <typename Config>
struct Resolved {
  Config config;
  YamlNode tree;
};

/// Fills the struct from the tree. What is wrong (types, limits, rules, unknown keys) goes to
/// `errors`; a value with an error keeps its default. Keys of a type that is not taken are removed
/// from the tree.
void read_config(YamlNode& tree, const StructValue& config, ConfigErrors& errors);

/// All values of the struct; where `source` has the same key, with its origin.
YamlNode resolve_config(const StructValue& config, const YamlNode& source);

/// Reads a YAML file, then `overrides` (key.path=value) over it. Throws one ConfigError with a line
/// for each mistake: `file:line:column: full.key = found: expectation`.
template <Described Config>
Resolved<Config> load_config(const std::filesystem::path& file,
                             const std::vector<std::string>& overrides = {});

/// The same from text; `name` stands in errors, and includes are relative to its folder.
template <Described Config>
Resolved<Config> load_config_text(const std::string& text, const std::string& name,
                                  const std::vector<std::string>& overrides = {});

/// YAML of the whole configuration with the origin of each value as a comment; it reads back to an
/// equal struct.
template <typename Config>
std::string to_yaml(const Resolved<Config>& resolved) {
  return write_yaml(resolved.tree);
}
template <Described Config>
std::string to_yaml(Config config) {
  return write_yaml(resolve_config(struct_value(config), {}), /*with_origins=*/false);
}

/// 32 hex digits that change with any value, and with nothing else.
std::string config_hash(const YamlNode& tree);
template <typename Config>
std::string config_hash(const Resolved<Config>& resolved) {
  return config_hash(resolved.tree);
}

namespace detail {

YamlNode load_tree(const StructValue& config, YamlNode source,
                   const std::vector<std::string>& overrides, ConfigErrors& errors);

}  // namespace detail

template <Described Config>
Resolved<Config> load_config(const std::filesystem::path& file,
                             const std::vector<std::string>& overrides) {
  ConfigErrors errors;
  Resolved<Config> resolved;
  resolved.tree =
      detail::load_tree(struct_value(resolved.config), read_yaml(file, errors), overrides, errors);
  return resolved;
}

template <Described Config>
Resolved<Config> load_config_text(const std::string& text, const std::string& name,
                                  const std::vector<std::string>& overrides) {
  ConfigErrors errors;
  Resolved<Config> resolved;
  resolved.tree = detail::load_tree(struct_value(resolved.config), parse_yaml(text, name, errors),
                                    overrides, errors);
  return resolved;
}

}  // namespace reka
