#include "data/corpus/jsonl.h"

#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "data/corpus/files.h"
#include "data/corpus/language.h"
#include "data/corpus/record.h"
#include "data/tokens/chat_record.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/words.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using simdjson::dom::array;
using simdjson::dom::object;

/// Fills parts and media from a record. Throws DataError: what is wrong with it.
using Fill =
    std::function<void(const object& record, const MediaFolder& folder, Document& document)>;

/// How many records have each key that is none of theirs.
using KeyCounts = std::map<std::string, int64_t>;

class RecordReader final : public Reader {
 public:
  /// `keys`: all that a record may have.
  RecordReader(const std::string& path, const SplitConfig& split, const ReaderContext& context,
               std::vector<std::string> keys, Fill fill)
      : split_(split),
        context_(context),
        keys_(std::move(keys)),
        fill_(std::move(fill)),
        files_(find_files(context.root, path, context.source)) {}

  size_t num_units() const override { return files_.size(); }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    const auto& file = files_[unit];
    std::ifstream in(file.path, std::ios::binary);
    if (!in) return skip({file.path.string(), "cannot be read"});
    simdjson::dom::parser parser;
    std::string line;
    KeyCounts unknown;
    bool empty = true;
    for (int64_t number = 1; std::getline(in, line); ++number) {
      if (line.find_first_not_of(" \t\r") == line.npos) continue;
      empty = false;
      emit_or_skip(
          fmt::format("{}:{}", file.path.string(), number),
          [&] {
            const auto record = parse_record(parser, line);
            for (const auto& key : unknown_keys(record, keys_)) ++unknown[key];
            return document_of(record, file, number);
          },
          emit, skip);
    }
    note_unknown(unknown);
    if (empty) skip({file.path.string(), "empty file"});
  }

  std::vector<fs::path> inputs() const override {
    std::vector<fs::path> paths;
    for (const auto& file : files_) paths.push_back(file.path);
    return paths;
  }

  FileStates opened() const override {
    const std::lock_guard lock(mutex_);
    return opened_;
  }

  std::vector<std::string> notes() const override {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> lines;
    for (const auto& [key, count] : mistyped_) {
      lines.push_back(fmt::format("unknown key \"{}\", records with it: {}; known are {}", key,
                                  count, join_words(keys_)));
    }
    return lines;
  }

 private:
  Document document_of(const object& record, const CorpusFile& file, int64_t number) const {
    Document document;
    fill_(record, {file.path.parent_path(), [this](const fs::path& path) { note(path); }},
          document);
    if (document.parts.empty()) throw DataError("record has neither text nor media");
    const auto id = record_text(record, "id");
    document.id = id.empty() ? fmt::format("{}:{}", file.key, number) : id;
    document.key = record_text(record, "key");
    if (document.key.empty()) document.key = id.empty() ? content_key(document) : id;
    document.source = context_.source;
    const auto language = record_text(record, "language");
    document.language = language_tag(language.empty() ? file.language : language);
    document.split = split_.side(document.key);
    return document;
  }

  // Records that say different things of one medium are on one side.
  static std::string content_key(const Document& document) {
    if (!document.media.empty()) return hex(xxh3_128(document.media.front().bytes));
    std::string text;
    for (const auto& part : document.parts) text += part.text;
    return text;
  }

  void note(const fs::path& path) const {
    const std::lock_guard lock(mutex_);
    if (!opened_.contains(path.string())) opened_[path.string()] = file_state(path);
  }

  // Most corpora have more columns than are read; only what is close to a known key is told.
  void note_unknown(const KeyCounts& unknown) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, count] : unknown) {
      if (!nearest_word(key, keys_).empty()) mistyped_[key] += count;
    }
  }

  SplitConfig split_;
  ReaderContext context_;
  std::vector<std::string> keys_;
  Fill fill_;
  std::vector<CorpusFile> files_;
  mutable std::mutex mutex_;  // of what follows
  mutable FileStates opened_;
  mutable KeyCounts mistyped_;
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
  return std::make_unique<RecordReader>(config.path, config.split, context, record_keys(),
                                        add_record);
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
  return std::make_unique<RecordReader>(config.path, config.split, context,
                                        with_common({"content", "texts", "images"}), fill);
}

std::unique_ptr<Reader> make_reader(const ChatConfig& config, const ReaderContext& context) {
  const auto fill = [](const object& record, const MediaFolder& folder, Document& document) {
    document = render_chat(parse_chat(record, folder));
  };
  return std::make_unique<RecordReader>(
      config.path, config.split, context,
      with_common({"messages", "tools", "images", "audios", "videos"}), fill);
}

}  // namespace reka::data
