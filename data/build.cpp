#include "data/build.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <tuple>
#include <variant>

#include "data/corpus/card_page.h"
#include "data/corpus/collect.h"
#include "data/corpus/crew.h"
#include "data/corpus/dropped.h"
#include "data/corpus/each_line.h"
#include "data/corpus/evaluation_index.h"
#include "data/corpus/fertility.h"
#include "data/corpus/kept_passes.h"
#include "data/corpus/packages.h"
#include "data/corpus/rendered.h"
#include "data/corpus/report_page.h"
#include "data/corpus/selection.h"
#include "data/corpus/stage.h"
#include "data/corpus/what_if.h"
#include "data/corpus/work_folder.h"
#include "data/corpus/workspace.h"
#include "data/shards/writer.h"
#include "data/stages.h"
#include "data/tokens/render.h"
#include "data/tokens/tokenizer.h"
#include "data/up_to_date.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/log.h"
#include "reka/base/progress.h"
#include "reka/base/random.h"
#include "reka/base/reader.h"
#include "reka/base/still_at_work.h"
#include "reka/parallel/group.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTokenizerName = "tokenizer.model";
constexpr std::string_view kCardName = "card.md";
// That other ranks wait for; a lost one is told at once.
constexpr std::chrono::hours kLongestUnit{24};

class Builder {
 public:
  Builder(const CorpusConfig& config, const std::vector<Source>& sources, const fs::path& packages,
          const fs::path& work, const Crew& crew)
      : config_(config),
        sources_(sources),
        packages_(packages),
        crew_(crew),
        work_(work),
        corpus_(work, crew.rank()) {}

  Manifest build(const std::string& stamp) {
    collect(sources_, crew_, config_.preparation(), work_, corpus_);
    expect_documents();
    stages_ = stages_of(config_, packages_, workspace(), corpus_);
    passes_.emplace(work_, xxh3_64(stamp + hex(corpus_.hash())), crew_);
    selection_.emplace(corpus_, crew_, &*passes_);
    for (const auto& stage : stages_) stage->run(*selection_);
    expect_kept();
    const auto tokenizer = make_tokenizer();
    stages_.push_back(std::make_unique<Fertility>(config_.fertility, tokenizer));
    stages_.back()->run(*selection_);
    std::optional<ShardWriter> writer;
    crew_.first_does([&] {
      writer.emplace(config_.folder, ShardWriterConfig{.tokenizer = tokenizer->fingerprint(),
                                                       .shard_bytes = config_.shard_bytes});
      for (const auto& source : sources_) writer->add_source(info_of(source));
    });
    write(*tokenizer, writer ? &*writer : nullptr);
    crew_.first_does([&] {
      count();
      write_report(*tokenizer, *writer, stamp);
      writer->finish();
      tell_what_is_missing();
    });
    return Manifest::load(config_.folder);
  }

 private:
  Workspace workspace() const { return {work_, static_cast<uint64_t>(config_.memory_bytes)}; }

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

  void expect_kept() const {
    warn_of_lost_languages(*selection_);
    std::map<std::string, int64_t> fates;
    for (size_t n = 0; n < corpus_.marks.size(); ++n) {
      if (selection_->keeps(n)) return;
      ++fates[fate_name(selection_->fate(n))];
    }
    std::string told;
    for (const auto& [fate, count] : fates)
      told += fmt::format("{}{}: {}", told.empty() ? "" : ", ", fate, count);
    throw DataError("{}: none of {} documents is kept ({}): must keep some; see data.rules",
                    config_.folder, corpus_.marks.size(), told);
  }

  void note_findings(const Source& source) {
    for (const auto& [name, count] : corpus_.findings[source.name].counts) {
      auto note = source.reader->note(name, count);
      if (!note.empty()) report_.source(source.name).notes.push_back(std::move(note));
    }
  }

  void tell_what_is_missing() const {
    for (const auto& [name, source] : report_.sources()) {
      for (const auto& note : source.notes) info("data: {}: {}", name, note);
      const auto skipped = source.skipped.total();
      const auto dropped = report_.dropped(name);
      if (skipped + dropped == 0) continue;
      info("data: {}: {} skipped, {} dropped; more in {}/report.html", name, skipped, dropped,
           config_.folder);
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

  // A sample of the training text, with the same share of each document of a language.
  std::vector<std::string> sample_lines(const TokenizerTrainConfig& training) const {
    std::map<std::string, int64_t> bytes;
    for (size_t n = 0; n < corpus_.marks.size(); ++n) {
      if (selection_->trains_on(n)) bytes[corpus_.language_of(n)] += corpus_.marks[n].text_bytes;
    }
    const auto rates = sampling_rates(bytes, training);
    using Lines = std::vector<std::string>;
    Lines sample;
    selection_->visit<Lines>(
        "sampling",
        [&](size_t number, Document&& document) {
          return selection_->trains_on(number)
                     ? sample_of(number, document, rates.at(corpus_.language_of(number)))
                     : Lines();
        },
        [&](size_t, Lines&& lines) {
          std::move(lines.begin(), lines.end(), std::back_inserter(sample));
        });
    return sample;
  }

  std::vector<std::string> sample_of(size_t number, const Document& document, double rate) const {
    std::vector<std::string> sample;
    uint64_t line_number = 0;
    for (const auto& part : document.parts) {
      if (part.kind != Part::Kind::kText) continue;
      for_each_line(part.text, [&](std::string_view line) {
        if (uniform(mix64(corpus_.marks[number].content.low, line_number++)) >= rate) return;
        for (auto& piece : training_lines(line)) sample.push_back(std::move(piece));
      });
    }
    return sample;
  }

  std::shared_ptr<const Tokenizer> make_tokenizer() {
    if (const auto* file = std::get_if<TokenizerFileConfig>(&config_.tokenizer)) {
      return Tokenizer::load(file->path);
    }
    const auto& training = std::get<TokenizerTrainConfig>(config_.tokenizer);
    const auto lines = sample_lines(training);
    const auto train = [&](size_t, SharedSpool&) {
      info("data: training a tokenizer of {} pieces on {} lines", training.vocab_size,
           lines.size());
      const StillAtWork tell("data: training a tokenizer");
      return train_tokenizer(lines, training);
    };
    std::string model;
    passes_->run<std::string>(
        "training", 1, train,
        [&](size_t, std::string&& trained, const SharedSpool&) { model = std::move(trained); });
    return Tokenizer::from_bytes(std::move(model), kTokenizerName.data());
  }

  SourceInfo info_of(const Source& source) const {
    return {
        .name = source.name,
        .package = package_with_version(packages_, source.config.package, source.config.version),
        .licence = source.config.licence,
        .weight = source.config.weight};
  }

  /// What a chunk became: samples, where they wait for the rank that writes.
  struct Written {
    SharedSpool::Place spooled;
    std::vector<size_t> emptied;
    std::vector<int64_t> edited;

    static auto members(auto& self) { return std::tie(self.spooled, self.emptied, self.edited); }
  };

  // No writer: of another rank.
  void write(const Tokenizer& tokenizer, ShardWriter* writer) {
    Progress progress("tokenizing", static_cast<int64_t>(corpus_.chunks.size()), "parts");
    const auto work_on = [&](size_t n, SharedSpool& spool) {
      return render_chunk(corpus_.chunks[n], tokenizer, spool);
    };
    std::vector<size_t> emptied;
    const auto use = [&](size_t n, Written&& chunk, const SharedSpool& spool) {
      const auto& source = sources_[corpus_.chunks[n].source].name;
      if (writer != nullptr) {
        if (n > 0 && corpus_.chunks[n].source != corpus_.chunks[n - 1].source)
          writer->finish_source(sources_[corpus_.chunks[n - 1].source].name);
        for (const auto& sample : unpack_samples(spool.read(chunk.spooled))) {
          report_.add(sample);
          writer->add(sample);
        }
      }
      auto& taken_out = report_.source(source).taken_out;
      for (size_t edit = 0; edit < chunk.edited.size(); ++edit) {
        taken_out[selection_->edits()[edit]] += chunk.edited[edit];
      }
      emptied.insert(emptied.end(), chunk.emptied.begin(), chunk.emptied.end());
      progress.advance();
    };
    passes_->run<Written>("tokenizing", corpus_.chunks.size(), work_on, use);
    for (const auto number : emptied) selection_->drop(number, {.kind = Fate::Kind::kEmptied});
  }

  Written render_chunk(const Collection::Chunk& chunk, const Tokenizer& tokenizer,
                       SharedSpool& spool) const {
    auto read = selection_->read(chunk);
    std::string samples;
    for (auto& found : read.documents) {
      auto sample = render(std::move(found.document), tokenizer);
      sample.origin = {found.number - corpus_.first_of(chunk.source),
                       selection_->alike(found.number)};
      pack_sample(sample, samples);
    }
    return {spool.write(samples), std::move(read.emptied), std::move(read.edited)};
  }

  void count() {
    for (const auto& chunk : corpus_.chunks) {
      const auto& source = sources_[chunk.source].name;
      for (auto n = chunk.first; n < chunk.first + chunk.count; ++n) {
        report_.add_fate(source, corpus_.language_of(n), selection_->fate(n),
                         corpus_.marks[n].text_bytes);
      }
    }
    for (const auto& [name, skipped] : corpus_.skipped) report_.source(name).skipped = skipped;
    for (const auto& source : sources_) note_findings(source);
  }

  void write_report(const Tokenizer& tokenizer, const ShardWriter& writer,
                    const std::string& stamp) const {
    Json json = {{"stamp", stamp}, {"vocab_size", tokenizer.vocab_size()}};
    json.update(report_.json());
    const auto title = config_.card.title.empty() ? fs::path(config_.folder).filename().string()
                                                  : config_.card.title;
    auto page = report_page(title, report_);
    auto& told = json["stages"] = Json::object();
    for (const auto& stage : stages_) {
      if (auto found = stage->json(); !found.is_null()) told[stage->name()] = std::move(found);
      stage->show(page);
    }
    const auto card = make_card(report_, origin(stamp), config_.card);
    show_card(card, page);
    write_file_atomic(writer.staging() / kCardName,
                      card_markdown(title, report_, card, told, configuration_of(config_)));
    json["card"] = card.json();
    write_file_atomic(writer.staging() / kReportName, dump_json(json, 1));
    write_file_atomic(writer.staging() / kOpenedName, dump_json(opened_files(), 1));
    page.save(writer.staging() / "report.html");
    write_file_atomic(writer.staging() / kSignalsName, corpus_.signals->bytes());
    list_dropped(*selection_, writer.staging() / kDroppedName);
    write_file_atomic(writer.staging() / kRulesName, to_yaml(RulesFile{{config_.rules}}));
    write_file_atomic(writer.staging() / kTokenizerName, tokenizer.model_bytes());
  }

  CorpusOrigin origin(const std::string& stamp) const {
    const auto name = std::visit([](const auto& detector) { return std::string(detector.kName); },
                                 config_.prepare.language);
    return {.stamp = stamp,
            .build_version = kBuildVersion,
            .detector = name,
            .sources = origins_of(sources_, corpus_, packages_)};
  }

  Json opened_files() const {
    FileStates opened;
    for (const auto& [name, findings] : corpus_.findings)
      opened.insert(findings.opened.begin(), findings.opened.end());
    return opened;
  }

  const CorpusConfig& config_;
  const std::vector<Source>& sources_;
  fs::path packages_;
  const Crew& crew_;
  fs::path work_;
  Collection corpus_;
  CorpusReport report_;
  std::vector<std::unique_ptr<Stage>> stages_;
  std::optional<KeptPasses> passes_;
  std::optional<Selection> selection_;
};

// Before hours of reading.
void expect_evaluation_sets(const CorpusConfig& config, const fs::path& packages) {
  if (!config.decontaminate.sets.empty())
    const EvaluationIndex index(config.decontaminate, packages, "data.decontaminate");
}

}  // namespace

Manifest build_corpus(CorpusConfig config, const Launch& launch) {
  const auto group = launch.world_size == 1 ? reka::Group::alone()
                                            : reka::Group::connect(launch, at::kCPU, kLongestUnit);
  const auto cores = static_cast<size_t>(std::max(1U, std::thread::hardware_concurrency()));
  const auto here = static_cast<size_t>(launch.local_world_size);
  const Crew crew(group, config.threads > 0 ? static_cast<size_t>(config.threads)
                                            : std::max<size_t>(1, cores / here));
  const fs::path folder(config.folder);
  if (!folder.has_filename()) config.folder = folder.parent_path().string();
  crew.first_does([&] { prepare_shard_folder(config.folder); });
  const auto packages = packages_folder(config.packages);
  std::vector<Source> sources;
  for (const auto& [name, source] : config.sources) {
    sources.push_back({name, source, open_source(source, {name, packages})});
  }
  const auto stamp = crew.share(stamp_of(config, sources));
  const auto is_current = [&] { return current_corpus(config.folder, stamp).has_value(); };
  bool current = false;
  std::optional<WorkFolder> work;
  crew.first_does([&] {
    current = is_current();
    if (current) {
      info("data: {}: is up to date", config.folder);
      if (!config.keep_reading) remove_finished_work(config.folder);
      return;
    }
    expect_evaluation_sets(config, packages);
    work.emplace(config.folder, reading_stamp_of(config, sources));
    current = is_current();  // another process may have built it until the lock was ours
  });
  const auto path = crew.share(current || !work ? "" : work->path().string());
  if (path.empty()) return Manifest::load(config.folder);
  auto manifest = Builder(config, sources, packages, path, crew).build(stamp);
  if (work && !config.keep_reading) work->remove();
  return manifest;
}

}  // namespace reka::data
