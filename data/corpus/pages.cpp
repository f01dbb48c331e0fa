#include "data/corpus/pages.h"

#include <functional>
#include <map>
#include <optional>
#include <unordered_set>

#include <fmt/format.h>

#include "data/corpus/byte_stream.h"
#include "data/corpus/files.h"
#include "data/corpus/html.h"
#include "data/corpus/language.h"
#include "data/corpus/mallard.h"
#include "data/corpus/normalize.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

using Extract = std::function<std::vector<std::string>(std::string_view)>;

// A unit of work is one page in all its languages, so that the page they are translated from is
// read once.
class PagesReader final : public Reader {
 public:
  PagesReader(const PagesConfig& config, const ReaderContext& context, Extract extract)
      : config_(config), context_(context), extract_(std::move(extract)) {
    std::map<std::string, std::vector<CorpusFile>> by_key;
    for (auto& file : find_files(context.root, config.path, context.source)) {
      by_key[file.key].push_back(std::move(file));
    }
    for (auto& [key, files] : by_key) units_.push_back(std::move(files));
  }

  size_t num_units() const override { return units_.size(); }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    const std::vector<std::string> none;
    std::unordered_set<std::string> untranslated;
    for (const auto& file : units_[unit]) {
      if (file.language != config_.source_language || file.language.empty()) continue;
      for (auto& block : blocks_of(file, [](const Skipped&) {}).value_or(none)) {
        untranslated.insert(std::move(block));
      }
    }
    for (const auto& file : units_[unit]) {
      auto blocks = blocks_of(file, skip);
      if (!blocks) continue;
      if (file.language != config_.source_language) {
        std::erase_if(*blocks, [&](const auto& block) { return untranslated.contains(block); });
      }
      emit_page(file, *blocks, emit, skip);
    }
  }

  std::vector<std::filesystem::path> inputs() const override {
    std::vector<std::filesystem::path> paths;
    for (const auto& files : units_) {
      for (const auto& file : files) paths.push_back(file.path);
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

 private:
  std::optional<std::vector<std::string>> blocks_of(const CorpusFile& file,
                                                    const SkipSink& skip) const {
    const auto bytes = unpack_or_skip(file.path, config_.max_page_bytes, skip);
    if (!bytes) return std::nullopt;
    if (const auto bad = find_bad_utf8(*bytes)) {
      skip({file.path.string(), fmt::format("not UTF-8 at byte {}", *bad)});
      return std::nullopt;
    }
    try {
      return extract_(*bytes);
    } catch (const DataError& error) {
      skip({file.path.string(), error.what()});
      return std::nullopt;
    }
  }

  void emit_page(const CorpusFile& file, const std::vector<std::string>& blocks,
                 const DocumentSink& emit, const SkipSink& skip) const {
    std::string text;
    for (size_t n = 0; n < blocks.size(); ++n) {
      if (n > 0 && blocks[n] == blocks[n - 1]) continue;  // a heading that repeats the title
      text += (text.empty() ? "" : "\n") + blocks[n];
    }
    if (count_characters(text) < config_.min_characters) {
      skip({file.path.string(),
            fmt::format("fewer than {} characters of its own", config_.min_characters)});
      return;
    }
    Document document;
    document.id = file.language.empty() ? file.key : file.language + "/" + file.key;
    document.key = file.key;
    document.source = context_.source;
    document.language = language_tag(file.language);
    document.split = config_.split.side(file.key);
    document.parts.push_back({.text = std::move(text)});
    emit(std::move(document));
  }

  PagesConfig config_;
  ReaderContext context_;
  Extract extract_;
  std::vector<std::vector<CorpusFile>> units_;
};

}  // namespace

std::unique_ptr<Reader> make_reader(const HtmlConfig& config, const ReaderContext& context) {
  return std::make_unique<PagesReader>(config, context, html_blocks);
}

std::unique_ptr<Reader> make_reader(const MallardConfig& config, const ReaderContext& context) {
  return std::make_unique<PagesReader>(config, context, mallard_blocks);
}

std::unique_ptr<Reader> make_reader(const TextConfig& config, const ReaderContext& context) {
  return std::make_unique<PagesReader>(
      config, context, [](std::string_view page) { return std::vector{std::string(page)}; });
}

}  // namespace reka::data
