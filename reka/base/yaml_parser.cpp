#include "reka/base/yaml_parser.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "reka/base/error.h"
#include "reka/base/utf8.h"

namespace reka {
namespace {

using Kind = YamlNode::Kind;

constexpr size_t kMaxNodes = 1'000'000;  // aliases of aliases grow without bound

/// Builds the tree from the parser's events: yaml-cpp's own nodes forget keys that come twice.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string name, ConfigErrors& errors) : name_(std::move(name)), errors_(errors) {}

  YamlNode root;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(start(Kind::kNull, mark, anchor));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto open = start(Kind::kScalar, mark, anchor);
    open.node.text = value;
    open.node.quoted = tag == "!" || tag.ends_with(":str");
    if (!open.node.quoted) reject_tag(tag, open.node.origin);
    finish(std::move(open));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) fail(mark, "an alias inside its own anchor: must be outside it");
    auto open = start(Kind::kNull, mark, 0);
    count_ += found->second.second;
    if (count_ > kMaxNodes) fail(mark, "too many values: aliases repeat aliases");
    open.node = found->second.first;
    finish(std::move(open));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open_.push_back(start(Kind::kList, mark, anchor));
    reject_tag(tag, open_.back().node.origin);
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open_.push_back(start(Kind::kMapping, mark, anchor));
    reject_tag(tag, open_.back().node.origin);
  }

  void OnSequenceEnd() override { finish(pop()); }
  void OnMapEnd() override { finish(pop()); }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    size_t first = 0;  // values counted before it
    std::string key;   // in a mapping: the one that waits for its value
    Origin key_origin;
    bool has_key = false;
  };

  Origin origin(const YAML::Mark& mark) const { return {name_, mark.line + 1, mark.column + 1}; }

  [[noreturn]] void fail(const YAML::Mark& mark, std::string_view words) const {
    throw ConfigError("{}: {}", origin(mark).text(), words);
  }

  void reject_tag(const std::string& tag, const Origin& at) {
    if (!tag.empty() && tag != "?" && tag != "!")
      errors_.add(at, "", ": tag " + tag + ": must not be given");
  }

  Open start(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    Open open;
    open.node.kind = kind;
    open.node.origin = origin(mark);
    open.anchor = anchor;
    open.first = count_++;
    return open;
  }

  Open pop() {
    auto open = std::move(open_.back());
    open_.pop_back();
    return open;
  }

  void finish(Open open) {
    if (open.anchor != 0) anchors_[open.anchor] = {open.node, count_ - open.first};
    if (open_.empty()) {
      root = std::move(open.node);
      return;
    }
    auto& parent = open_.back();
    if (parent.node.is(Kind::kList))
      parent.node.items.push_back(std::move(open.node));
    else if (!std::exchange(parent.has_key, !parent.has_key))
      take_key(parent, open.node);
    else
      take_value(parent, std::move(open.node));
  }

  void take_key(Open& mapping, const YamlNode& key) const {
    if (!key.is(Kind::kScalar))
      throw ConfigError("{}: a key that is not text: must be a word", key.origin.text());
    mapping.key = key.text;
    mapping.key_origin = key.origin;
  }

  void take_value(Open& mapping, YamlNode value) {
    value.key_origin = mapping.key_origin;
    if (value.is(Kind::kNull)) value.origin = mapping.key_origin;  // else the next token's place
    if (const auto* first = mapping.node.find(mapping.key)) {
      errors_.add(mapping.key_origin, path(),
                  ": is given twice, first in line " + std::to_string(first->key_origin.line));
      return;
    }
    mapping.node.add(mapping.key, std::move(value));
  }

  /// The full path of the key that waits for its value.
  std::string path() const {
    std::string text;
    for (const auto& open : open_)
      text = join_key(
          text, open.node.is(Kind::kList) ? std::to_string(open.node.items.size()) : open.key);
    return text;
  }

  std::string name_;
  ConfigErrors& errors_;
  std::vector<Open> open_;  // the lists and mappings around the place that is read
  std::map<YAML::anchor_t, std::pair<YamlNode, size_t>> anchors_;  // with their number of values
  size_t count_ = 0;
};

void check_utf8(const std::string& text, const std::string& name) {
  const auto good = valid_utf8_prefix(text);
  if (good == text.size()) return;
  const auto before = std::string_view(text).substr(0, good);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto column = good - (before.rfind('\n') + 1) + 1;
  throw ConfigError("{}:{}:{}: byte {:#04x}: must be UTF-8", name, line, column,
                    static_cast<unsigned char>(text[good]));
}

}  // namespace

YamlNode parse_document(const std::string& text, const std::string& name, ConfigErrors& errors) {
  check_utf8(text, name);
  std::istringstream stream(text);
  TreeBuilder builder(name, errors);
  TreeBuilder second(name, errors);
  builder.root.origin = {name, 1, 1};
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    if (parser.HandleNextDocument(second))
      throw ConfigError("{}: a second document (---): must be one", second.root.origin.text());
  } catch (const YAML::Exception& error) {
    throw ConfigError("{}:{}:{}: not YAML: {}", name, error.mark.line + 1, error.mark.column + 1,
                      error.msg);
  }
  return std::move(builder.root);
}

}  // namespace reka
