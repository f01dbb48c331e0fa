#include "data/corpus/klettres.h"

#include <algorithm>
#include <set>

#include <unicode/unistr.h>

#include "data/corpus/language.h"
#include "data/corpus/xml.h"
#include "data/media/load.h"
#include "reka/base/error.h"
#include "reka/base/files.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

std::string lower_case(const std::string& text) {
  std::string lower;
  icu::UnicodeString::fromUTF8(text).foldCase().toUTF8String(lower);
  return lower;
}

void collect(const xmlNode* node, std::vector<NamedSound>& sounds) {
  for (const auto* child = node->children; child != nullptr; child = child->next) {
    if (child->type != XML_ELEMENT_NODE) continue;
    if (xml_name(child) == "sound")
      sounds.push_back({xml_attribute(child, "name"), xml_attribute(child, "file")});
    collect(child, sounds);
  }
}

// A unit is a locale.
class KlettresReader final : public Reader {
 public:
  KlettresReader(const KlettresConfig& config, const ReaderContext& context)
      : config_(config), source_(context.source), folder_(context.root / config.path) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_, error))
      if (fs::exists(entry.path() / "sounds.xml")) locales_.push_back(entry.path().filename());
    if (locales_.empty())
      throw DataError("{}: no LOCALE/sounds.xml: must be the folder of klettres", folder_.string());
    std::ranges::sort(locales_);
  }

  size_t num_units() const override { return locales_.size(); }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    const auto& locale = locales_[unit];
    const auto list = folder_ / locale / "sounds.xml";
    std::vector<NamedSound> sounds;
    try {
      sounds = parse_sounds(read_file(list));
    } catch (const DataError& error) {
      skip({list.string(), error.what()});
      return;
    }
    std::set<std::string> seen;
    for (const auto& sound : sounds) {
      if (!seen.insert(sound.file).second) {
        skip({sound.file, "named twice in " + list.string()});
        continue;
      }
      emit_or_skip(
          sound.file, [&] { return document(locale, sound); }, emit, skip);
    }
  }

  std::vector<fs::path> inputs() const override {
    std::vector<fs::path> paths;
    for (const auto& locale : locales_)
      for (const auto& entry : fs::recursive_directory_iterator(folder_ / locale))
        if (entry.is_regular_file()) paths.push_back(entry.path());
    std::ranges::sort(paths);
    return paths;
  }

 private:
  Document document(const std::string& locale, const NamedSound& sound) const {
    if (sound.text.empty() || sound.file.empty())
      throw DataError("sound without name or file: must have both");
    Document document;
    document.id = sound.file;
    document.language = language_tag(locale);
    document.key = document.language + "/" + lower_case(sound.text);
    document.source = source_;
    document.split = config_.split.side(document.key);
    document.media.push_back(
        make_media_file(Modality::kAudio, read_file(folder_ / sound.file), sound.file));
    document.parts.push_back({.kind = Part::Kind::kMedia, .media = 0, .target = false});
    document.parts.push_back({.kind = Part::Kind::kText, .text = sound.text});
    return document;
  }

  KlettresConfig config_;
  std::string source_;
  fs::path folder_;
  std::vector<std::string> locales_;
};

}  // namespace

std::vector<NamedSound> parse_sounds(std::string_view xml) {
  const auto document = parse_xml(xml);
  std::vector<NamedSound> sounds;
  collect(xmlDocGetRootElement(document.get()), sounds);
  return sounds;
}

std::unique_ptr<Reader> make_reader(const KlettresConfig& config, const ReaderContext& context) {
  return std::make_unique<KlettresReader>(config, context);
}

}  // namespace reka::data
