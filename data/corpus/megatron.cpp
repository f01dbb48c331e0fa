#include "data/corpus/megatron.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "data/corpus/files.h"
#include "data/corpus/language.h"
#include "data/corpus/megatron_index.h"
#include "data/corpus/token_text.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kBytesOfUnit = 32 << 20;  // of .bin

// A unit of work is a range of documents, equal for one and the same file.
struct IndexRange {
  const CorpusFile* file;
  size_t begin, end;
  std::string finding;  // why the file, or the rest of it, cannot be read
};

class MegatronReader final : public Reader {
 public:
  MegatronReader(const MegatronConfig& config, const ReaderContext& context)
      : config_(config),
        context_(context),
        token_text_(context.root, config.tokenizer),
        files_(find_files(context.root, config.path, context.source)) {
    for (const auto& file : files_) divide(file);
  }

  size_t num_units() const override { return units_.size(); }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    const auto& range = units_[unit];
    const auto path = range.file->path.string();
    if (!range.finding.empty()) return skip({path, range.finding});
    std::optional<MegatronIndex> index;
    try {
      index.emplace(range.file->path);
    } catch (const DataError& error) {
      return skip({path, error.what()});
    }
    for (auto n = range.begin; n < range.end; ++n) {
      std::vector<Document> documents;
      try {
        documents = documents_of(index->document(n), *range.file, n);
      } catch (const DataError& error) {
        skip({fmt::format("{}:{}", path, n), error.what()});
      }
      for (auto& document : documents) emit(std::move(document));
    }
  }

  std::vector<fs::path> inputs() const override {
    auto paths = token_text_.inputs();
    for (const auto& file : files_) {
      paths.push_back(file.path);
      paths.push_back(fs::path(file.path).replace_extension(".bin"));
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

 private:
  void divide(const CorpusFile& file) {
    try {
      const MegatronIndex index(file.path);
      size_t begin = 0;
      for (size_t n = 1; n <= index.num_documents(); ++n) {
        const bool is_last = n == index.num_documents();
        if (!is_last && index.begin(n) - index.begin(begin) < kBytesOfUnit) continue;
        units_.push_back({&file, begin, n, ""});
        begin = n;
      }
      if (index.num_documents() == 0) units_.push_back({&file, 0, 0, "no documents"});
    } catch (const DataError& error) {
      units_.push_back({&file, 0, 0, std::string(without_place(error.what(), file.path.string()))});
    }
  }

  std::vector<Document> documents_of(const std::vector<int64_t>& ids, const CorpusFile& file,
                                     size_t number) const {
    const auto texts = token_text_.texts(ids);
    if (texts.empty()) throw DataError("document without text");
    std::vector<Document> documents;
    for (size_t n = 0; n < texts.size(); ++n) {
      auto& document = documents.emplace_back();
      document.id = fmt::format("{}:{}", file.key, number);
      if (texts.size() > 1) document.id += fmt::format(":{}", n);
      document.key = texts[n];
      document.source = context_.source;
      document.language = language_tag(file.language);
      document.split = config_.split.side(document.key);
      document.parts.push_back({.text = texts[n]});
    }
    return documents;
  }

  MegatronConfig config_;
  ReaderContext context_;
  TokenText token_text_;
  std::vector<CorpusFile> files_;
  std::vector<IndexRange> units_;
};

}  // namespace

std::unique_ptr<Reader> make_reader(const MegatronConfig& config, const ReaderContext& context) {
  return std::make_unique<MegatronReader>(config, context);
}

}  // namespace reka::data
