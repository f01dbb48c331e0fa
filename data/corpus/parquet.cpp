#include "data/corpus/parquet.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "data/corpus/files.h"
#include "data/corpus/language.h"
#include "data/corpus/parquet_file.h"
#include "data/corpus/record.h"
#include "data/media/load.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

// A unit of work is a row group.
struct RowGroup {
  const CorpusFile* file;
  int number;
  int64_t first_row;
  std::string finding;  // why the file cannot be read
};

class ParquetReader final : public Reader {
 public:
  ParquetReader(const ParquetConfig& config, const ReaderContext& context)
      : config_(config),
        context_(context),
        columns_{config.text, config.image, config.video,   config.audio,
                 config.id,   config.url,   config.language},
        files_(find_files(context.root, config.path, context.source)) {
    ParquetFile::expect_built();
    for (const auto& file : files_) divide(file);
  }

  size_t num_units() const override { return units_.size(); }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    const auto& group = units_[unit];
    const auto path = group.file->path.string();
    if (!group.finding.empty()) return skip({path, group.finding});
    std::unique_ptr<ParquetFile> file;
    try {
      file = ParquetFile::open(group.file->path);
    } catch (const DataError& error) {
      return skip({path, error.what()});
    }
    bool emitting = false;  // what `emit` throws is no fault of the file
    try {
      file->read(group.number, columns_, [&](int64_t row, ParquetFile::Values values) {
        const auto number = group.first_row + row;
        emitting = true;
        emit_or_skip(
            fmt::format("{}:{}", path, number),
            [&] { return document_of(values, *group.file, number); }, emit, skip);
        emitting = false;
      });
    } catch (const DataError& error) {
      if (emitting) throw;
      skip({path, fmt::format("row group {}: {}", group.number, error.what())});
    }
  }

  std::vector<fs::path> inputs() const override {
    std::vector<fs::path> paths;
    for (const auto& file : files_) paths.push_back(file.path);
    return paths;
  }

 private:
  void divide(const CorpusFile& file) {
    try {
      const auto opened = ParquetFile::open(file.path);
      int64_t row = 0;
      for (int group = 0; group < opened->num_row_groups(); ++group) {
        units_.push_back({&file, group, row, ""});
        row += opened->num_rows(group);
      }
      if (opened->num_row_groups() == 0) units_.push_back({&file, 0, 0, "no rows"});
    } catch (const DataError& error) {
      units_.push_back({&file, 0, 0, error.what()});
    }
  }

  Document document_of(ParquetFile::Values values, const CorpusFile& file, int64_t row) const {
    const auto text_of = [&](size_t column) {
      const auto& text = values[column];
      if (!text) return std::string();
      if (const auto bad = find_bad_utf8(*text))
        throw DataError("column {}: not UTF-8 at byte {}", columns_[column], *bad);
      return *text;
    };
    Document document;
    for (const auto& [column, modality] :
         {std::pair(1, Modality::kImage), {2, Modality::kVideo}, {3, Modality::kAudio}}) {
      const auto& bytes = values[static_cast<size_t>(column)];
      if (!bytes) continue;
      add_media_part(make_media_file(modality, *bytes, columns_[static_cast<size_t>(column)]),
                     document);
    }
    auto text = text_of(0);
    if (text.empty()) throw DataError("column {}: is empty", config_.text);
    document.parts.push_back({.text = std::move(text)});
    const auto id = text_of(4), url = text_of(5), language = text_of(6);
    document.id = !id.empty() ? id : !url.empty() ? url : fmt::format("{}:{}", file.key, row);
    document.key = !url.empty() ? url : !id.empty() ? id : content_key(document);
    document.source = context_.source;
    document.language = language_tag(language.empty() ? file.language : language);
    document.split = config_.split.side(document.key);
    return document;
  }

  ParquetConfig config_;
  ReaderContext context_;
  std::vector<std::string> columns_;
  std::vector<CorpusFile> files_;
  std::vector<RowGroup> units_;
};

}  // namespace

std::unique_ptr<Reader> make_reader(const ParquetConfig& config, const ReaderContext& context) {
  return std::make_unique<ParquetReader>(config, context);
}

}  // namespace reka::data
