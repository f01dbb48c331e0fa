#include "data/corpus/jsonl.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "data/corpus/byte_stream.h"
#include "data/corpus/files.h"
#include "data/corpus/language.h"
#include "data/corpus/record.h"
#include "data/tokens/chat_record.h"
#include "reka/base/error.h"
#include "reka/base/words.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using simdjson::dom::array;
using simdjson::dom::object;

/// Fills parts and media from a record. Throws DataError: what is wrong with it.
using Fill =
    std::function<void(const object& record, const MediaFolder& folder, Document& document)>;

class RecordReader final : public Reader {
 public:
  /// `keys`: all that a record may have.
  RecordReader(const RecordsConfig& config, const ReaderContext& context,
               std::vector<std::string> keys, Fill fill)
      : config_(config),
        context_(context),
        keys_(std::move(keys)),
        fill_(std::move(fill)),
        files_(find_files(context.root, config.path, context.source)) {}

  size_t num_units() const override { return files_.size(); }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    const auto& file = files_[unit];
    std::optional<LineReader> lines;
    try {
      lines.emplace(file.path, config_.max_record_bytes);
    } catch (const DataError& error) {
      return skip({file.path.string(), error.what()});
    }
    simdjson::dom::parser parser;
    auto& found = findings_.of(unit);
    while (next_record(*lines, file, skip)) {
      emit_or_skip(
          place_of(*lines, file),
          [&] {
            const auto record = parse_record(parser, lines->line());
            for (const auto& key : unknown_keys(record, keys_)) ++found.counts[key];
            return document_of(record, file, lines->number(), found.opened);
          },
          emit, skip);
    }
  }

  std::vector<fs::path> inputs() const override {
    std::vector<fs::path> paths;
    for (const auto& file : files_) paths.push_back(file.path);
    return paths;
  }

  Findings findings(size_t unit) const override { return findings_.take(unit); }

  // Most corpora have more columns than are read; only what is close to a known key is told.
  std::string note(const std::string& key, int64_t count) const override {
    if (nearest_word(key, keys_).empty()) return "";
    return fmt::format("unknown key \"{}\", records with it: {}; known are {}", key, count,
                       join_words(keys_));
  }

 private:
  static std::string place_of(const LineReader& lines, const CorpusFile& file) {
    return fmt::format("{}:{}", file.path.string(), lines.number());
  }

  // Goes on to the next line with something on it; false at the end of the file.
  bool next_record(LineReader& lines, const CorpusFile& file, const SkipSink& skip) const {
    bool blank = lines.number() == 0;  // nothing but blank lines so far
    while (true) {
      switch (lines.next()) {
        case LineReader::Got::kLine:
          if (lines.line().find_first_not_of(" \t\r") != std::string_view::npos) return true;
          break;
        case LineReader::Got::kTooLong:
          blank = false;
          skip({place_of(lines, file), fmt::format("line of {} bytes: at most max_record_bytes, {}",
                                                   lines.bytes(), config_.max_record_bytes)});
          break;
        case LineReader::Got::kFailed:
          skip({file.path.string(),
                fmt::format("{}; {} lines before it were read", lines.failure(), lines.number())});
          return false;
        case LineReader::Got::kEnd:
          if (blank) skip({file.path.string(), "empty file"});
          return false;
      }
    }
  }

  Document document_of(const object& record, const CorpusFile& file, int64_t number,
                       FileStates& opened) const {
    Document document;
    const auto note_opened = [&](const fs::path& path) {
      if (!opened.contains(path.string())) opened[path.string()] = file_state(path);
    };
    fill_(record, {file.path.parent_path(), note_opened}, document);
    if (document.parts.empty()) throw DataError("record has neither text nor media");
    const auto id = record_text(record, "id");
    document.id = id.empty() ? fmt::format("{}:{}", file.key, number) : id;
    document.key = record_text(record, "key");
    if (document.key.empty()) document.key = id.empty() ? content_key(document) : id;
    document.source = context_.source;
    const auto language = record_text(record, "language");
    document.language = language_tag(language.empty() ? file.language : language);
    document.split = config_.split.side(document.key);
    return document;
  }

  RecordsConfig config_;
  ReaderContext context_;
  std::vector<std::string> keys_;
  Fill fill_;
  std::vector<CorpusFile> files_;
  mutable FindingsOfUnits findings_;
};

// "texts" and "images": lists of one length of which each place holds one of the two.
void add_turns(const object& record, const MediaFolder& folder, Document& document) {
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

std::vector<std::string> with_common(std::vector<std::string> keys) {
  keys.insert(keys.end(), common_record_keys().begin(), common_record_keys().end());
  return keys;
}

}  // namespace

std::unique_ptr<Reader> make_reader(const JsonLinesConfig& config, const ReaderContext& context) {
  return std::make_unique<RecordReader>(config, context, record_keys(), add_record);
}

std::unique_ptr<Reader> make_reader(const InterleavedConfig& config, const ReaderContext& context) {
  const auto most = static_cast<size_t>(config.max_media);
  const auto fill = [most](const object& record, const MediaFolder& folder, Document& document) {
    if (!add_content(record, folder, document)) add_turns(record, folder, document);
    if (document.media.size() > most) {
      throw DataError("{} media: at most {}", document.media.size(), most);
    }
    close_chunks(document);
  };
  return std::make_unique<RecordReader>(config, context,
                                        with_common({"content", "texts", "images"}), fill);
}

std::unique_ptr<Reader> make_reader(const ChatConfig& config, const ReaderContext& context) {
  const auto fill = [](const object& record, const MediaFolder& folder, Document& document) {
    document = render_chat(parse_chat(record, folder));
  };
  return std::make_unique<RecordReader>(
      config, context, with_common({"messages", "tools", "images", "audios", "videos"}), fill);
}

}  // namespace reka::data
