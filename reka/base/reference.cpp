#include "reka/base/reference.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "reka/base/error.h"
#include "reka/base/words.h"

namespace reka {
namespace {

using DocKind = KeyDoc::Kind;

constexpr std::string_view kIntroduction = R"(# Configuration keys

Generated from the descriptions in the code by `reka explain --markdown`; never edited by hand.
`reka explain KEY` prints one key; `schema.json` beside this page lets editors complete and check.

- A file may hold `include: other.yaml` (or a list of files, relative to it) in any mapping; the
  mapping's own keys win. `key.path=value` on the command line wins over all files.
- `${VARIABLE}` and `${VARIABLE:-default}` in a value are replaced; `$${` stands for `${`.
- Where a mapping has a `type`, it picks one of several sets of keys; a changed type forgets the keys
  of the old one.
- All that is wrong in the files is told at once, with `file:line:column`. The run's `config.yaml`
  holds each value with its origin.
)";

/// Text in a table cell.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|' || c == '<') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string code(const std::string& text) {
  return text.empty() ? "" : "`" + text + "`";
}

std::string default_cell(const KeyDoc& key) {
  return key.required ? "must be given" : key.initial == "null" ? "none" : code(key.initial);
}

/// Whether a key has a section of its own, with a table of the keys below it.
bool has_section(const KeyDoc& key) {
  if (key.kind == DocKind::kTable || key.kind == DocKind::kList)
    return has_section(key.keys.front());
  return key.kind == DocKind::kStruct || key.kind == DocKind::kOneOf;
}

class MarkdownWriter {
 public:
  std::string text;

  void write_struct(const KeyDoc& doc) {
    std::string rows;
    for (const auto& key : doc.keys) {
      if (!has_section(key))
        rows += fmt::format("| `{}` | {} | {} | {} | {} |\n", key.name(), cell(key.type),
                            default_cell(key), cell(join_words(key.limits)), cell(key.meaning));
    }
    if (!rows.empty())
      text += "\n| key | type | default | limits | meaning |\n|---|---|---|---|---|\n" + rows;
    if (!doc.rules.empty()) text += "\n";
    for (const auto& [key, words] : doc.rules) text += fmt::format("- `{}` {}\n", key, cell(words));
    for (const auto& key : doc.keys) {
      if (has_section(key)) write_section(key);
    }
  }

 private:
  void write_section(const KeyDoc& key) {
    text += fmt::format("\n### {}\n\n{}\n", code(key.path), sentence(key));
    write_below(key);
  }

  void write_below(const KeyDoc& key) {
    if (key.kind == DocKind::kStruct) return write_struct(key);
    if (key.kind == DocKind::kTable || key.kind == DocKind::kList) {
      const auto& item = key.keys.front();
      text += fmt::format("\n{} `{}`:\n", key.kind == DocKind::kTable ? "Each" : "Each item",
                          item.path);
      return write_below(item);
    }
    for (size_t n = 0; n < key.keys.size(); ++n) {
      text += fmt::format("\n#### `{}`, `type: {}`{}\n", key.path, key.words[n],
                          n == 0 ? " (default)" : "");
      write_struct(key.keys[n]);
    }
  }

  static std::string sentence(const KeyDoc& key) {
    auto words = cell(key.meaning);
    if (!words.empty() && words[0] >= 'a' && words[0] <= 'z') words[0] -= 'a' - 'A';
    return words + (key.optional ? "; may be absent." : ".");
  }
};

/// A key that was asked for, with the types on the way to it.
struct Found {
  const ConfigDoc* config;
  const KeyDoc* key;
  const KeyDoc* parent;
  std::string types;  // "fusion: resampler"
};

/// All keys of all roots, in order.
class Finder {
 public:
  std::vector<Found> all;

  void add(const ConfigDoc& config) { add_below(config, config.root, ""); }

 private:
  void add_below(const ConfigDoc& config, const KeyDoc& doc, const std::string& types) {
    for (size_t n = 0; n < doc.keys.size(); ++n) {
      const auto& key = doc.keys[n];
      if (doc.kind == DocKind::kOneOf) {
        const auto type =
            fmt::format("{}{} {}", types.empty() ? "" : types + ", ", doc.name(), doc.words[n]);
        add_below(config, key, type);
        continue;
      }
      all.push_back({&config, &key, &doc, types});
      add_below(config, key, types);
    }
  }
};

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto dot = path.find('.');
    parts.push_back(path.substr(0, dot));
    if (dot == path.npos) return parts;
    path.remove_prefix(dot + 1);
  }
}

/// Whether the path ends with what was asked; a part such as <name> is met by any word, but not as
/// the last one.
bool ends_with(std::string_view path, std::string_view asked, bool whole) {
  const auto have = parts_of(path), want = parts_of(asked);
  if (want.size() > have.size() || (whole && want.size() != have.size())) return false;
  for (size_t n = 0; n < want.size(); ++n) {
    const auto part = have[have.size() - want.size() + n];
    if (part != want[n] && !(part.front() == '<' && (whole || n + 1 < want.size()))) return false;
  }
  return true;
}

std::string explanation(const Found& found) {
  const auto& key = *found.key;
  auto text =
      fmt::format("{}{}\n", key.path, found.types.empty() ? "" : "  (with " + found.types + ")");
  if (!key.meaning.empty()) text += "  " + key.meaning + "\n";
  text += "  " + key.type;
  if (key.kind == DocKind::kOneOf) text += ": " + join_words(key.words);
  if (!key.limits.empty()) text += ", " + join_words(key.limits);
  if (key.required)
    text += "; must be given";
  else if (!key.initial.empty())
    text += "; default " + (key.initial == "null" ? "none" : key.initial);
  text += fmt::format("\n  read by {}\n", found.config->command);
  for (const auto& [name, words] : found.parent->rules) {
    if (name == key.name()) text += fmt::format("  rule: {} {}\n", name, words);
  }
  const auto& below = key.kind == DocKind::kTable ? key.keys.front() : key;
  if (below.kind == DocKind::kStruct) {
    for (const auto& inner : below.keys)
      text += fmt::format("    {:24} {}\n", inner.name(), inner.meaning);
  }
  return text;
}

/// Keys of one path that differ in their type alone, as those of readers do, are told once.
std::string explanations(std::vector<Found> asked) {
  std::vector<std::string> bodies;
  std::vector<Found> told;
  for (auto& found : asked) {
    const auto types = std::exchange(found.types, "");
    const auto body = explanation(found);
    const auto same = std::ranges::find(bodies, body);
    if (same == bodies.end()) {
      bodies.push_back(body);
      told.push_back({found.config, found.key, found.parent, types});
    } else {
      auto& all = told[static_cast<size_t>(same - bodies.begin())].types;
      all += (all.empty() || types.empty() ? "" : "; ") + types;
    }
  }
  std::string text;
  for (const auto& found : told) text += (text.empty() ? "" : "\n") + explanation(found);
  return text;
}

/// Keys whose meaning has the words of `asked`: "learning_rate" stands in that of optimizer.lr.
std::vector<std::string> keys_about(const std::vector<Found>& all, std::string_view asked) {
  constexpr size_t kMost = 5;
  std::string words(asked.substr(asked.rfind('.') + 1));
  std::ranges::replace(words, '_', ' ');
  std::vector<std::string> about;
  for (const auto& found : all) {
    const bool known = std::ranges::find(about, found.key->path) != about.end();
    if (words.size() < 3 || known || about.size() == kMost) continue;
    if (found.key->meaning.find(words) != std::string::npos) about.push_back(found.key->path);
  }
  return about;
}

}  // namespace

std::string reference_markdown(const std::vector<ConfigDoc>& configs) {
  MarkdownWriter writer;
  writer.text = kIntroduction;
  for (const auto& config : configs) {
    writer.text += fmt::format("\n## `{}`\n", config.command);
    writer.write_struct(config.root);
  }
  return writer.text;
}

std::string explain_key(const std::vector<ConfigDoc>& configs, std::string_view key) {
  Finder finder;
  for (const auto& config : configs) finder.add(config);
  // The key `type` stands in every choice: what it picks is told there.
  const bool asks_type = key.ends_with(".type");
  if (asks_type) key.remove_suffix(std::string_view(".type").size());
  for (const bool whole : {true, false}) {
    std::vector<Found> asked;
    std::ranges::copy_if(finder.all, std::back_inserter(asked), [&](const auto& found) {
      if (asks_type && found.key->kind != DocKind::kOneOf) return false;
      return ends_with(found.key->path, key, whole);
    });
    if (!asked.empty()) return explanations(asked);
  }
  if (const auto about = keys_about(finder.all, key); !about.empty())
    throw ConfigError("{}: unknown key; see {}", key, join_words(about));
  std::vector<std::string> known;
  for (const auto& found : finder.all) {
    known.push_back(key.find('.') == key.npos ? found.key->name() : found.key->path);
  }
  throw ConfigError("{}: unknown key{}", key, did_you_mean(key, known));
}

}  // namespace reka
