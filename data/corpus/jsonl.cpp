#include "data/corpus/jsonl.h"

#include <fstream>
#include <functional>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "data/corpus/files.h"
#include "data/corpus/language.h"
#include "data/corpus/record.h"
#include "data/tokens/chat.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// Fills parts and media from a record. Throws DataError: what is wrong with it.
using Fill = std::function<void(const object& record, const fs::path& folder, Document& document)>;

constexpr std::array<Modality, 3> kMediaKeys = {Modality::kImage, Modality::kVideo,
                                                Modality::kAudio};

std::string optional_text(const object& record, std::string_view key) {
  std::string_view value;
  const auto found = record.at_key(key);
  if (found.error() == simdjson::NO_SUCH_FIELD) return "";
  if (found.get(value) != simdjson::SUCCESS) throw DataError("\"{}\": must be text", key);
  return std::string(value);
}

class RecordReader final : public Reader {
 public:
  RecordReader(const std::string& path, const SplitConfig& split, const ReaderContext& context,
               Fill fill)
      : split_(split),
        context_(context),
        fill_(std::move(fill)),
        files_(find_files(context.root, path, context.source)) {}

  size_t num_units() const override { return files_.size(); }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    const auto& file = files_[unit];
    std::ifstream in(file.path, std::ios::binary);
    if (!in) return skip({file.path.string(), "cannot be read"});
    simdjson::dom::parser parser;
    std::string line;
    bool empty = true;
    for (int64_t number = 1; std::getline(in, line); ++number) {
      if (line.find_first_not_of(" \t\r") == line.npos) continue;
      empty = false;
      try {
        emit(document_of(parser, line, file, number));
      } catch (const DataError& error) {
        skip({fmt::format("{}:{}", file.path.string(), number), error.what()});
      }
    }
    if (empty) skip({file.path.string(), "empty file"});
  }

  std::vector<fs::path> inputs() const override {
    std::vector<fs::path> paths;
    for (const auto& file : files_) paths.push_back(file.path);
    return paths;
  }

 private:
  Document document_of(simdjson::dom::parser& parser, const std::string& line,
                       const CorpusFile& file, int64_t number) const {
    object record;
    const auto error = parser.parse(line).get(record);
    if (error == simdjson::INCORRECT_TYPE) throw DataError("record: must be an object");
    if (error != simdjson::SUCCESS) {
      throw DataError("not JSON: {}", simdjson::error_message(error));
    }
    Document document;
    fill_(record, file.path.parent_path(), document);
    if (document.parts.empty()) throw DataError("record has neither text nor media");
    const auto id = optional_text(record, "id");
    document.id = id.empty() ? fmt::format("{}:{}", file.key, number) : id;
    document.key = optional_text(record, "key");
    if (document.key.empty()) document.key = id.empty() ? text_of(document) : id;
    document.source = context_.source;
    const auto language = optional_text(record, "language");
    document.language = language_tag(language.empty() ? file.language : language);
    document.split = split_.side(document.key);
    return document;
  }

  static std::string text_of(const Document& document) {
    std::string text;
    for (const auto& part : document.parts) text += part.text;
    return text.empty() ? document.media.at(0).name : text;
  }

  SplitConfig split_;
  ReaderContext context_;
  Fill fill_;
  std::vector<CorpusFile> files_;
};

// A path, or several.
void add_media_of_key(const object& record, Modality modality, const fs::path& folder,
                      Document& document) {
  const auto key = modality_name(modality);
  const auto found = record.at_key(key);
  if (found.error() == simdjson::NO_SUCH_FIELD || found.is_null()) return;
  array several;
  if (found.get(several) != simdjson::SUCCESS) {
    add_media_part(record_media(modality, optional_text(record, key), folder), document);
    return;
  }
  for (const auto item : several) {
    std::string_view path;
    if (item.get(path) != simdjson::SUCCESS) throw DataError("\"{}\": must be paths", key);
    add_media_part(record_media(modality, path, folder), document);
  }
}

// "content": text alone, or parts.
bool add_content(const object& record, const fs::path& folder, Document& document) {
  const auto content = record.at_key("content");
  if (content.error() == simdjson::NO_SUCH_FIELD) return false;
  array parts;
  if (content.get(parts) != simdjson::SUCCESS) {
    document.parts.push_back({.text = optional_text(record, "content")});
    return true;
  }
  for (const auto part : parts) add_content_part(part, folder, document);
  return true;
}

void fill_record(const object& record, const fs::path& folder, Document& document) {
  if (add_content(record, folder, document)) return;
  for (const auto modality : kMediaKeys) add_media_of_key(record, modality, folder, document);
  if (auto text = optional_text(record, "text"); !text.empty()) {
    document.parts.push_back({.text = std::move(text)});
  }
}

// "texts" and "images": lists of one length of which each place holds one of the two.
void add_turns(const object& record, const fs::path& folder, Document& document) {
  array texts, images;
  if (record.at_key("texts").get(texts) != simdjson::SUCCESS ||
      record.at_key("images").get(images) != simdjson::SUCCESS || texts.size() != images.size()) {
    throw DataError("record needs \"content\", or \"texts\" and \"images\" of one length");
  }
  for (size_t n = 0; n < texts.size(); ++n) {
    std::string_view text, image;
    const bool is_text = texts.at(n).get(text) == simdjson::SUCCESS;
    const bool is_image = images.at(n).get(image) == simdjson::SUCCESS;
    if (is_text == is_image) throw DataError("place {}: must hold a text or an image", n);
    if (is_text) {
      document.parts.push_back({.text = std::string(text)});
    } else {
      add_media_part(record_media(Modality::kImage, image, folder), document);
    }
  }
}

// A medium opens a chunk; the next medium behind text, or the end, closes it.
void close_chunks(Document& document) {
  const Part end = {.kind = Part::Kind::kSpecial, .text = "<|endofchunk|>"};
  std::vector<Part> parts;
  bool in_chunk = false;
  for (auto& part : document.parts) {
    const bool is_media = part.kind == Part::Kind::kMedia;
    if (is_media && in_chunk && parts.back().kind == Part::Kind::kText) parts.push_back(end);
    in_chunk = in_chunk || is_media;
    parts.push_back(std::move(part));
  }
  if (in_chunk) parts.push_back(end);
  document.parts = std::move(parts);
}

}  // namespace

std::unique_ptr<Reader> make_reader(const JsonLinesConfig& config, const ReaderContext& context) {
  return std::make_unique<RecordReader>(config.path, config.split, context, fill_record);
}

std::unique_ptr<Reader> make_reader(const InterleavedConfig& config, const ReaderContext& context) {
  const auto most = static_cast<size_t>(config.max_media);
  const auto fill = [most](const object& record, const fs::path& folder, Document& document) {
    if (!add_content(record, folder, document)) add_turns(record, folder, document);
    if (document.media.size() > most) {
      throw DataError("{} media: at most {}", document.media.size(), most);
    }
    close_chunks(document);
  };
  return std::make_unique<RecordReader>(config.path, config.split, context, fill);
}

std::unique_ptr<Reader> make_reader(const ChatConfig& config, const ReaderContext& context) {
  const auto fill = [](const object& record, const fs::path& folder, Document& document) {
    document = render_chat(parse_chat(record, folder));
  };
  return std::make_unique<RecordReader>(config.path, config.split, context, fill);
}

}  // namespace reka::data
