#include "data/corpus/cldr.h"

#include <array>
#include <map>

#include <fmt/format.h>

#include "data/corpus/files.h"
#include "data/corpus/language.h"
#include "data/corpus/phrases.h"
#include "data/corpus/xml.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

// The chain of element names from below the root to the name; the element that `coded_by` names
// has the code in its `type`.
struct Kind {
  std::string_view name;
  std::vector<std::string_view> path;
  std::string_view coded_by;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"language", {"localeDisplayNames", "languages", "language"}, "language"},
      {"script", {"localeDisplayNames", "scripts", "script"}, "script"},
      {"territory", {"localeDisplayNames", "territories", "territory"}, "territory"},
      {"currency", {"numbers", "currencies", "currency", "displayName"}, "currency"},
      {"unit", {"units", "unitLength", "unit", "displayName"}, "unit"},
      {"zone", {"dates", "timeZoneNames", "zone", "exemplarCity"}, "zone"}};
  return all;
}

// `alt` and `count` mark short forms, variants and plurals of a name that stands there without.
bool is_plain(const xmlNode* node) {
  return xml_attribute(node, "alt").empty() && xml_attribute(node, "count").empty() &&
         (xml_name(node) != "unitLength" || xml_attribute(node, "type") == "long");
}

void collect(const xmlNode* node, const Kind& kind, size_t depth, const std::string& code,
             std::vector<CldrName>& names) {
  for (const auto* child = node->children; child != nullptr; child = child->next) {
    if (child->type != XML_ELEMENT_NODE || xml_name(child) != kind.path[depth]) continue;
    if (!is_plain(child)) continue;
    const auto inner = kind.path[depth] == kind.coded_by ? xml_attribute(child, "type") : code;
    if (depth + 1 < kind.path.size()) {
      collect(child, kind, depth + 1, inner, names);
    } else if (auto text = xml_text(child); !text.empty() && text != kInherited) {
      names.push_back({std::string(kind.name), inner, std::move(text)});
    }
  }
}

class CldrReader final : public Reader {
 public:
  CldrReader(const CldrConfig& config, const ReaderContext& context)
      : config_(config),
        context_(context),
        files_(find_files(context.root, config.path, context.source)) {}

  size_t num_units() const override { return files_.size(); }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    const auto& file = files_[unit];
    const auto bytes = read_or_skip(file.path, skip);
    if (!bytes) return;
    std::map<std::string, PhraseList> lists;
    try {
      for (auto& [kind, code, name] : cldr_names(*bytes)) {
        auto& list = lists[kind];
        list.id = fmt::format("{}/{}", file.language, kind);
        list.key = kind;
        list.language = language_tag(file.language);
        list.phrases.push_back({fmt::format("{}/{}", kind, code), std::move(name)});
      }
    } catch (const DataError& error) {
      skip({file.path.string(), error.what()});
      return;
    }
    for (const auto& [kind, list] : lists) {
      emit_phrases(list, config_.split, config_.document_characters, context_, emit);
    }
  }

  std::vector<std::filesystem::path> inputs() const override {
    std::vector<std::filesystem::path> paths;
    for (const auto& file : files_) paths.push_back(file.path);
    return paths;
  }

 private:
  CldrConfig config_;
  ReaderContext context_;
  std::vector<CorpusFile> files_;
};

}  // namespace

std::vector<CldrName> cldr_names(std::string_view xml) {
  const auto document = parse_xml(xml);
  const auto* root = xmlDocGetRootElement(document.get());
  if (xml_name(root) != "ldml") throw DataError("root element <{}>: not LDML", xml_name(root));
  std::vector<CldrName> names;
  for (const auto& kind : kinds()) collect(root, kind, 0, "", names);
  return names;
}

std::unique_ptr<Reader> make_reader(const CldrConfig& config, const ReaderContext& context) {
  return std::make_unique<CldrReader>(config, context);
}

}  // namespace reka::data
