#include "data/corpus/gettext.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "data/corpus/files.h"
#include "data/corpus/language.h"
#include "data/corpus/phrases.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

constexpr uint32_t kMagic = 0x950412de;

/// The words of a catalogue in its byte order, each read checked against the end of the file.
class MoFile {
 public:
  explicit MoFile(std::string_view bytes) : bytes_(bytes) {
    if (bytes_.size() < 20) throw DataError("{} bytes: too short for a .mo file", bytes_.size());
    if (word(0) == __builtin_bswap32(kMagic)) swapped_ = true;
    if (word(0) != kMagic) throw DataError("magic {:08x}: not a .mo file", word(0));
    if (word(4) >> 16 > 1) throw DataError("revision {}: not known", word(4) >> 16);
  }

  uint32_t word(uint64_t at) const {
    if (at + 4 > bytes_.size()) throw DataError("ends within a table at byte {}", bytes_.size());
    uint32_t value = 0;
    for (int n = 0; n < 4; ++n) {
      const auto byte = static_cast<unsigned char>(bytes_[at + static_cast<uint64_t>(n)]);
      value |= uint32_t{byte} << (8 * n);
    }
    return swapped_ ? __builtin_bswap32(value) : value;
  }

  /// The string that entry `index` of the table at `table` describes: length, then offset.
  std::string_view text(uint64_t table, uint64_t index) const {
    const uint64_t length = word(table + 8 * index);
    const uint64_t offset = word(table + 8 * index + 4);
    if (offset + length > bytes_.size()) {
      throw DataError("message {} ends behind the file", index);
    }
    return bytes_.substr(offset, length);
  }

 private:
  std::string_view bytes_;
  bool swapped_ = false;
};

std::vector<std::string> split_forms(std::string_view text) {
  std::vector<std::string> forms;
  for (size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('\0', begin), text.size());
    forms.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return forms;
}

}  // namespace

std::vector<Message> parse_mo(std::string_view bytes) {
  const MoFile file(bytes);
  const uint64_t count = file.word(8);
  const uint64_t originals = file.word(12);
  const uint64_t translations = file.word(16);
  std::vector<Message> messages;
  for (uint64_t n = 0; n < count; ++n) {
    auto id = file.text(originals, n);
    if (id.empty()) continue;  // the header
    if (const auto context = id.find('\4'); context != id.npos) id.remove_prefix(context + 1);
    messages.push_back(
        {std::string(id.substr(0, id.find('\0'))), split_forms(file.text(translations, n))});
  }
  return messages;
}

namespace {

class GettextReader final : public Reader {
 public:
  GettextReader(const GettextConfig& config, const ReaderContext& context)
      : config_(config), context_(context) {
    for (auto& file : find_files(context.root, config.path, context.source)) {
      units_.push_back({std::move(file), false});
    }
    if (!config.source_language.empty()) add_source_units();
  }

  size_t num_units() const override { return units_.size(); }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    const auto& [file, reads_ids] = units_[unit];
    const auto bytes = read_or_skip(file.path, reads_ids ? [](const Skipped&) {} : skip);
    if (!bytes) return;
    PhraseList list;
    list.language = language_tag(reads_ids ? config_.source_language : file.language);
    list.id = fmt::format("{}/{}", reads_ids ? config_.source_language : file.language, file.key);
    list.key = "messages";
    try {
      const auto messages = parse_mo(*bytes);
      for (const auto& message : messages) {
        reads_ids ? add_id(message, list) : add_forms(message, file, list, skip);
      }
    } catch (const DataError& error) {
      if (!reads_ids) skip({file.path.string(), error.what()});
      return;
    }
    emit_phrases(list, config_.split, config_.document_characters, context_, emit);
  }

  std::vector<std::filesystem::path> inputs() const override {
    std::vector<std::filesystem::path> paths;
    for (const auto& unit : units_) {
      if (!unit.reads_ids) paths.push_back(unit.file.path);
    }
    return paths;
  }

 private:
  struct Unit {
    CorpusFile file;
    bool reads_ids;  // the English text: out of the largest catalogue of each domain
  };

  void add_source_units() {
    std::map<std::string, std::pair<uintmax_t, CorpusFile>> largest;
    for (const auto& unit : units_) {
      const auto size = std::filesystem::file_size(unit.file.path);
      auto& best = largest[unit.file.key];
      if (size > best.first) best = {size, unit.file};
    }
    for (auto& [key, best] : largest) units_.push_back({std::move(best.second), true});
  }

  static void add_id(const Message& message, PhraseList& list) {
    if (!find_bad_utf8(message.id)) list.phrases.push_back({message.id, message.id});
  }

  static void add_forms(const Message& message, const CorpusFile& file, PhraseList& list,
                        const SkipSink& skip) {
    for (const auto& form : message.forms) {
      if (form.empty() || form == message.id) continue;
      if (const auto bad = find_bad_utf8(form)) {
        skip({file.path.string(), fmt::format("message is not UTF-8 at its byte {}", *bad)});
      } else {
        list.phrases.push_back({message.id, form});
      }
    }
  }

  GettextConfig config_;
  ReaderContext context_;
  std::vector<Unit> units_;
};

}  // namespace

std::unique_ptr<Reader> make_reader(const GettextConfig& config, const ReaderContext& context) {
  return std::make_unique<GettextReader>(config, context);
}

}  // namespace reka::data
