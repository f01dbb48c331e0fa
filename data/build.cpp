#include "data/build.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>
#include <variant>

#include "data/corpus/collect.h"
#include "data/corpus/dedup.h"
#include "data/corpus/in_order.h"
#include "data/corpus/report_page.h"
#include "data/shards/writer.h"
#include "data/tokens/render.h"
#include "data/tokens/tokenizer.h"
#include "data/up_to_date.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/log.h"
#include "reka/base/progress.h"
#include "reka/base/random.h"
#include "reka/base/still_at_work.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTokenizerName = "tokenizer.model";

fs::path packages_folder(const CorpusConfig& config) {
  if (!config.packages.empty()) return config.packages;
  if (const auto* cache = std::getenv("REKA_CACHE")) return fs::path(cache) / "corpus";
  const auto* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "." : home) / ".cache/reka/corpus";
}

// Package and version, as fetch_corpus left it: "iso-codes 4.15.0-1".
std::string package_with_version(const fs::path& packages, const std::string& package) {
  const auto mark = packages / package / ".complete";
  if (package.empty() || !fs::exists(mark)) return package;
  auto version = read_file(mark);
  version.erase(std::remove(version.begin(), version.end(), '\n'), version.end());
  return package + " " + version;
}

class Builder {
 public:
  Builder(const CorpusConfig& config, const std::vector<Source>& sources, const fs::path& packages)
      : config_(config),
        sources_(sources),
        packages_(packages),
        threads_(config.threads > 0 ? static_cast<size_t>(config.threads)
                                    : std::max(1U, std::thread::hardware_concurrency())),
        corpus_(fs::absolute(config.folder).parent_path()) {}

  Manifest build(const std::string& stamp) {
    collect(sources_, threads_, corpus_);
    expect_documents();
    kept_ = first_of_each(corpus_.marks);
    held_out_.emplace(std::exchange(corpus_.held_out_lines, {}));
    compare();
    const auto tokenizer = make_tokenizer();
    ShardWriter writer(config_.folder,
                       {.tokenizer = tokenizer->fingerprint(), .shard_bytes = config_.shard_bytes});
    write(*tokenizer, writer);
    for (const auto& [name, skipped] : corpus_.skipped) report_.source(name).skipped = skipped;
    for (const auto& source : sources_) report_.source(source.name).notes = source.reader->notes();
    write_report(*tokenizer, writer, stamp);
    auto manifest = writer.finish();
    tell_what_is_missing();
    return manifest;
  }

 private:
  // A source of which nothing is left is told of; a corpus of which nothing is left is no corpus.
  void expect_documents() const {
    if (corpus_.chunks.empty()) {
      throw DataError("{}: no document in any source: must have some{}", config_.folder,
                      first_skipped());
    }
    std::vector<bool> found(sources_.size());
    for (const auto& chunk : corpus_.chunks) found[chunk.source] = true;
    for (size_t n = 0; n < sources_.size(); ++n) {
      if (found[n]) continue;
      warn("data.sources.{}: no document is left: must have some", sources_[n].name);
    }
  }

  void tell_what_is_missing() const {
    for (const auto& [name, source] : report_.sources()) {
      for (const auto& note : source.notes) info("data: {}: {}", name, note);
      const auto skipped = source.skipped.total();
      if (skipped + source.duplicates == 0) continue;
      info("data: {}: {} skipped, {} duplicates; more in {}/report.html", name, skipped,
           source.duplicates, config_.folder);
    }
  }

  std::string first_skipped() const {
    for (const auto& [name, skipped] : corpus_.skipped) {
      for (const auto& [reason, found] : skipped.reasons()) {
        const auto& item = found.examples.front();
        return fmt::format("; {} skipped, such as {}: {}", skipped.total(), item.place,
                           item.finding);
      }
    }
    return "";
  }

  // Looks at all training text once: which held-out lines stand in it, and a sample of it for the
  // tokenizer.
  void compare() {
    std::map<std::string, int64_t> bytes;
    for (size_t n = 0; n < corpus_.marks.size(); ++n) {
      if (is_trained_on(n)) bytes[corpus_.language_of(n)] += corpus_.marks[n].text_bytes;
    }
    const auto* training = std::get_if<TokenizerTrainConfig>(&config_.tokenizer);
    const auto rates =
        training == nullptr ? std::map<std::string, double>() : sampling_rates(bytes, *training);
    Progress progress("comparing", static_cast<int64_t>(corpus_.chunks.size()), "parts");
    InOrder<std::vector<std::string>> samples(corpus_.chunks.size(), threads_, [&](size_t n) {
      return sample_lines(corpus_.chunks[n], rates);
    });
    samples.run([&](size_t, std::vector<std::string>&& lines) {
      std::move(lines.begin(), lines.end(), std::back_inserter(tokenizer_lines_));
      progress.advance();
    });
  }

  std::vector<std::string> sample_lines(const Collection::Chunk& chunk,
                                        const std::map<std::string, double>& rates) {
    std::vector<std::string> sample;
    const auto documents = corpus_.spool.read(chunk.place);
    for (size_t n = 0; n < documents.size(); ++n) {
      if (!is_trained_on(chunk.first + n)) continue;
      const auto& mark = corpus_.marks[chunk.first + n];
      const auto rate = rates.empty() ? 0 : rates.at(corpus_.language_of(chunk.first + n));
      uint64_t number = 0;
      for (const auto& part : documents[n].parts) {
        if (part.kind != Part::Kind::kText) continue;
        for_each_line(part.text, [&](std::string_view line) {
          held_out_->mark_seen(line);
          if (uniform(mix64(mark.content.low, number++)) >= rate) return;
          for (auto& piece : training_lines(line)) sample.push_back(std::move(piece));
        });
      }
    }
    return sample;
  }

  bool is_trained_on(size_t document) const {
    return kept_[document] && corpus_.marks[document].split == Split::kTrain;
  }

  std::shared_ptr<const Tokenizer> make_tokenizer() {
    if (const auto* file = std::get_if<TokenizerFileConfig>(&config_.tokenizer)) {
      return Tokenizer::load(file->path);
    }
    const auto& training = std::get<TokenizerTrainConfig>(config_.tokenizer);
    info("data: training a tokenizer of {} pieces on {} lines", training.vocab_size,
         tokenizer_lines_.size());
    const auto lines = std::exchange(tokenizer_lines_, {});
    const StillAtWork tell("data: training a tokenizer");
    return Tokenizer::from_bytes(train_tokenizer(lines, training), "trained tokenizer");
  }

  void write(const Tokenizer& tokenizer, ShardWriter& writer) {
    for (const auto& source : sources_) {
      writer.add_source({.name = source.name,
                         .package = package_with_version(packages_, source.config.package),
                         .licence = source.config.licence,
                         .weight = source.config.weight});
    }
    Progress progress("tokenizing", static_cast<int64_t>(corpus_.chunks.size()), "parts");
    InOrder<WrittenChunk> rendered(corpus_.chunks.size(), threads_, [&](size_t n) {
      return render_chunk(corpus_.chunks[n], tokenizer);
    });
    rendered.run([&](size_t n, WrittenChunk&& chunk) {
      if (n > 0 && corpus_.chunks[n].source != corpus_.chunks[n - 1].source) {
        writer.finish_source(sources_[corpus_.chunks[n - 1].source].name);
      }
      for (const auto& sample : chunk.samples) {
        report_.add(sample);
        writer.add(sample);
      }
      auto& source = report_.source(sources_[corpus_.chunks[n].source].name);
      source.duplicates += chunk.duplicates;
      source.repeated_lines += chunk.repeated_lines;
      source.emptied += chunk.emptied;
      progress.advance();
    });
  }

  struct WrittenChunk {
    std::vector<Sample> samples;
    int64_t duplicates = 0;
    int64_t repeated_lines = 0;
    int64_t emptied = 0;
  };

  WrittenChunk render_chunk(const Collection::Chunk& chunk, const Tokenizer& tokenizer) const {
    WrittenChunk written;
    auto documents = corpus_.spool.read(chunk.place);
    for (size_t n = 0; n < documents.size(); ++n) {
      auto& document = documents[n];
      if (!kept_[chunk.first + n]) {
        ++written.duplicates;
        continue;
      }
      if (document.split != Split::kTrain && document.media.empty() && !document.whole) {
        written.repeated_lines += drop_seen_lines(document);
        if (document.parts.empty()) {
          ++written.emptied;
          continue;
        }
      }
      written.samples.push_back(render(std::move(document), tokenizer));
    }
    return written;
  }

  int64_t drop_seen_lines(Document& document) const {
    int64_t dropped = 0;
    for (auto& part : document.parts) {
      if (part.kind != Part::Kind::kText) continue;
      std::string rest;
      for_each_line(part.text, [&](std::string_view line) {
        if (held_out_->seen(line)) {
          ++dropped;
        } else {
          rest.append(rest.empty() ? "" : "\n").append(line);
        }
      });
      part.text = std::move(rest);
    }
    std::erase_if(document.parts, [](const Part& part) {
      return part.kind == Part::Kind::kText && part.text.empty();
    });
    return dropped;
  }

  void write_report(const Tokenizer& tokenizer, const ShardWriter& writer,
                    const std::string& stamp) const {
    Json json = {{"stamp", stamp}, {"vocab_size", tokenizer.vocab_size()}};
    json.update(report_.json());
    write_file_atomic(writer.staging() / kReportName, dump_json(json, 1));
    write_file_atomic(writer.staging() / kOpenedName, dump_json(opened_files(), 1));
    report_page(fs::path(config_.folder).filename().string(), report_)
        .save(writer.staging() / "report.html");
    write_file_atomic(writer.staging() / kTokenizerName, tokenizer.model_bytes());
  }

  Json opened_files() const {
    FileStates opened;
    for (const auto& source : sources_) opened.merge(source.reader->opened());
    return opened;
  }

  const CorpusConfig& config_;
  const std::vector<Source>& sources_;
  fs::path packages_;
  size_t threads_;
  Collection corpus_;
  CorpusReport report_;
  std::vector<bool> kept_;
  std::optional<HeldOutLines> held_out_;
  std::vector<std::string> tokenizer_lines_;
};

}  // namespace

bool CorpusConfig::emoji_splits_agree() const {
  std::optional<SplitConfig> seen;
  for (const auto& [name, source] : sources) {
    std::optional<SplitConfig> split;
    if (const auto* emoji = std::get_if<EmojiConfig>(&source.reader)) split = emoji->split;
    if (const auto* clips = std::get_if<EmojiVideoConfig>(&source.reader)) split = clips->split;
    if (split && seen && *split != *seen) return false;
    if (split) seen = split;
  }
  return true;
}

Manifest build_corpus(CorpusConfig config) {
  const fs::path folder(config.folder);
  if (!folder.has_filename()) config.folder = folder.parent_path().string();
  prepare_shard_folder(config.folder);
  const auto packages = packages_folder(config);
  std::vector<Source> sources;
  for (const auto& [name, source] : config.sources) {
    sources.push_back({name, source, open_source(source, {name, packages})});
  }
  const auto stamp = stamp_of(config, sources);
  if (auto manifest = current_corpus(config.folder, stamp)) {
    info("data: {}: is up to date", config.folder);
    return *std::move(manifest);
  }
  return Builder(config, sources, packages).build(stamp);
}

}  // namespace reka::data
