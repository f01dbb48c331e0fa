#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reka {

/// Where a value was written. Line and column count from 1; line 0 means the whole of `name`.
struct Origin {
  std::string name = "default";  // a file, "command line" or "default"
  int line = 0;
  int column = 0;

  std::string text() const;  // "run.yaml:3:5", "command line"
};

/// The mistakes found so far, one line each, so that all are told at once.
class ConfigErrors {
 public:
  /// `origin: path: words`, where the words begin with what was found, if there is something.
  void add(const Origin& origin, std::string_view path, std::string_view words);
  size_t size() const { return lines_.size(); }
  void throw_if_any();  // a ConfigError, in the order of the files

 private:
  struct Line {
    Origin origin;
    std::string text;
  };
  std::vector<Line> lines_;
};

/// A YAML value that knows where each of its parts was written.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMapping };

  /// What makes a value unknown: a variable that is not set, a file that cannot be included.
  struct Wrong {
    Origin origin;
    std::string key;    // inside the value; empty: the value itself
    std::string words;  // as for ConfigErrors
  };

  Kind kind = Kind::kNull;
  std::string text;               // of a scalar
  bool quoted = false;            // "1" is text, 1 is a number
  std::vector<std::string> keys;  // of a mapping, one for each item
  std::vector<YamlNode> items;    // of a list or mapping
  Origin origin;                  // of the value
  Origin key_origin;              // of its key, in a mapping
  /// Of a mapping that got its `type` by a merge: what it is without the keys from before that,
  /// which belong to the default type.
  std::shared_ptr<YamlNode> typed;
  std::vector<Wrong> wrong;  // not empty: nothing else can be told of the value

  bool is(Kind other) const { return kind == other; }
  const YamlNode* find(std::string_view key) const;  // nullptr when absent
  YamlNode* find(std::string_view key);
  YamlNode& add(std::string key, YamlNode value);
  void remove(std::string_view key);
  /// Whether something is wrong with the value itself, which then goes to `errors`.
  bool tell_wrong(const std::string& path, ConfigErrors& errors) const;
  void tell_all_wrong(const std::string& path, ConfigErrors& errors) const;  // and its parts
};

std::string join_key(std::string_view path, std::string_view key);  // "a.b"

/// One YAML document, with `include:` (a file or a list of files, relative to this one, merged
/// deeply below the mapping's own keys) and ${VARIABLE} or ${VARIABLE:-default} in values carried
/// out; $${ stands for ${. Wrong syntax throws ConfigError; where an include or a variable fails,
/// the value is `wrong`; the rest goes to `errors`.
YamlNode parse_yaml(const std::string& text, const std::string& name, ConfigErrors& errors);
YamlNode read_yaml(const std::filesystem::path& file, ConfigErrors& errors);

/// `key.path=value` from the command line; the value is YAML, a number in the path counts list
/// items from 0.
void apply_override(YamlNode& root, const std::string& assignment, ConfigErrors& errors);

/// Puts `above` over `base`: mappings key by key, anything else replaced. Where both name a `type`
/// and it differs, or one has keys for a type that it does not name, the old keys are discarded.
void merge_yaml(YamlNode& base, YamlNode above);

/// YAML text of the tree, with the origin of each value as a comment unless it has none.
std::string write_yaml(const YamlNode& root, bool with_origins = true);

}  // namespace reka
