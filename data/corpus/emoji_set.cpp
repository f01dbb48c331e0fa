#include "data/corpus/emoji_set.h"

#include <array>

#include <fmt/format.h>
#include <hb-ot.h>
#include <hb.h>

#include "data/corpus/cldr.h"
#include "data/corpus/xml.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"

namespace reka::data {
namespace {

constexpr std::string_view kVariationSelector = "\uFE0F";
constexpr std::array<std::string_view, 7> kVariants = {"\U0001F3FB",  "\U0001F3FC", "\U0001F3FD",
                                                       "\U0001F3FE",  "\U0001F3FF", "\u200D\u2640",
                                                       "\u200D\u2642"};

std::string without(std::string text, std::string_view part) {
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos;) text.erase(at, part.size());
  return text;
}

bool has_skin_tone(std::string_view sequence) {
  return sequence.find("\U0001F3FB") != std::string_view::npos ||
         sequence.find("\U0001F3FC") != std::string_view::npos ||
         sequence.find("\U0001F3FD") != std::string_view::npos ||
         sequence.find("\U0001F3FE") != std::string_view::npos ||
         sequence.find("\U0001F3FF") != std::string_view::npos;
}

struct BlobFree {
  void operator()(hb_blob_t* blob) const { hb_blob_destroy(blob); }
};
struct BufferFree {
  void operator()(hb_buffer_t* buffer) const { hb_buffer_destroy(buffer); }
};
using BlobPtr = std::unique_ptr<hb_blob_t, BlobFree>;
using BufferPtr = std::unique_ptr<hb_buffer_t, BufferFree>;

std::string_view bytes_of(const BlobPtr& blob) {
  unsigned length = 0;
  const auto* data = hb_blob_get_data(blob.get(), &length);
  return {data, length};
}

// 0, the missing glyph, when the sequence does not become a single glyph.
uint32_t glyph_of(hb_font_t* font, std::string_view sequence) {
  const BufferPtr buffer(hb_buffer_create());
  const auto length = static_cast<int>(sequence.size());
  hb_buffer_add_utf8(buffer.get(), sequence.data(), length, 0, length);
  hb_buffer_set_direction(buffer.get(), HB_DIRECTION_LTR);
  hb_buffer_set_script(buffer.get(), HB_SCRIPT_COMMON);
  hb_shape(font, buffer.get(), nullptr, 0);
  unsigned count = 0;
  const auto* glyphs = hb_buffer_get_glyph_infos(buffer.get(), &count);
  return count == 1 ? glyphs[0].codepoint : 0;
}

}  // namespace

std::map<std::string, Annotation> parse_annotations(std::string_view xml) {
  const auto document = parse_xml(xml);
  std::map<std::string, Annotation> all;
  const auto* root = xmlDocGetRootElement(document.get());
  for (const auto* list = root->children; list != nullptr; list = list->next) {
    if (xml_name(list) != "annotations") continue;
    for (const auto* node = list->children; node != nullptr; node = node->next) {
      if (xml_name(node) != "annotation") continue;
      auto text = xml_text(node);
      if (text.empty() || text == kInherited) continue;
      auto& words = all[without(xml_attribute(node, "cp"), kVariationSelector)];
      (xml_attribute(node, "type") == "tts" ? words.name : words.keywords) = std::move(text);
    }
  }
  return all;
}

std::map<std::string, Annotation> read_annotations(const std::filesystem::path& common,
                                                   const std::string& locale) {
  std::map<std::string, Annotation> all;
  for (const std::string_view folder : {"annotations", "annotationsDerived"}) {
    const auto path = common / folder / (locale + ".xml");
    if (folder == "annotationsDerived" && !std::filesystem::exists(path)) continue;
    const auto bytes = read_file(path);
    try {
      all.merge(parse_annotations(bytes));
    } catch (const DataError& error) {
      throw DataError("{}: {}", path.string(), error.what());
    }
  }
  return all;
}

std::vector<std::string> named_sequences(const std::map<std::string, Annotation>& words,
                                         bool skin_tones) {
  std::vector<std::string> sequences;
  for (const auto& [sequence, annotation] : words)
    if (!annotation.name.empty() && (skin_tones || !has_skin_tone(sequence)))
      sequences.push_back(sequence);
  return sequences;
}

std::string emoji_group(std::string_view sequence) {
  std::string group(sequence);
  for (const auto part : kVariants) group = without(std::move(group), part);
  return group;
}

std::string code_points(std::string_view sequence) {
  const BufferPtr buffer(hb_buffer_create());
  const auto length = static_cast<int>(sequence.size());
  hb_buffer_add_utf8(buffer.get(), sequence.data(), length, 0, length);
  unsigned count = 0;
  const auto* points = hb_buffer_get_glyph_infos(buffer.get(), &count);
  std::string text;
  for (unsigned n = 0; n < count; ++n)
    text += fmt::format("{}{:04X}", n == 0 ? "" : "-", points[n].codepoint);
  return text;
}

struct EmojiSet::Font {
  struct Free {
    void operator()(hb_font_t* held) const { hb_font_destroy(held); }
  };
  std::unique_ptr<hb_font_t, Free> font;

  BlobPtr png(uint32_t glyph) const {
    return BlobPtr(hb_ot_color_glyph_reference_png(font.get(), glyph));
  }
};

EmojiSet::EmojiSet(const std::filesystem::path& font, const std::vector<std::string>& sequences)
    : font_(std::make_unique<Font>()) {
  const BlobPtr file(hb_blob_create_from_file_or_fail(font.c_str()));
  if (!file) throw DataError("{}: cannot be read: must be a font", font.string());
  auto* face = hb_face_create(file.get(), 0);
  font_->font.reset(hb_font_create(face));
  hb_face_destroy(face);
  hb_font_make_immutable(font_->font.get());  // read by several threads
  if (hb_ot_color_has_png(hb_font_get_face(font_->font.get())) == 0)
    throw DataError("{}: has no PNG pictures: must be a font with a CBDT table", font.string());
  std::map<Hash128, std::string> groups;  // of each picture
  for (const auto& sequence : sequences) {
    const auto glyph = glyph_of(font_->font.get(), sequence);
    const auto picture = font_->png(glyph);
    if (glyph == 0 || bytes_of(picture).empty()) continue;
    const auto [first, is_new] =
        groups.try_emplace(xxh3_128(bytes_of(picture)), emoji_group(sequence));
    all_.push_back({sequence, first->second, glyph});
  }
  if (all_.empty())
    throw DataError("{}: has no picture for any of {} sequences", font.string(), sequences.size());
}

EmojiSet::~EmojiSet() = default;

std::string EmojiSet::png(const Emoji& emoji) const {
  return std::string(bytes_of(font_->png(emoji.glyph)));
}

}  // namespace reka::data
