#include "data/batch/loader.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include <c10/util/Exception.h>

#include "data/batch/folder.h"
#include "data/batch/prefetch.h"
#include "data/batch/row.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/log.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

/// How many other pieces are tried in the place of a damaged one before it becomes padding.
constexpr size_t kStandIns = 16;

struct OpenSource {
  LoaderSource config;
  std::shared_ptr<PlannedFolder> folder;
  std::vector<int32_t> languages;  // of the manifest -> of the loader
};

}  // namespace

struct Loader::State {
  LoaderConfig config;
  LoaderRank rank;
  MediaRules media;
  std::shared_ptr<const RowRules> rules;
  int32_t filler = 0;
  std::vector<OpenSource> sources;
  std::vector<std::string> source_names, languages;
  std::string plan_id;
  std::map<std::string, SourceCursor> started;
  std::unique_ptr<RowOrder> order;
  int64_t first_row = 0;  // of item 0 of the prefetcher
  double waited_before = 0;
  std::mutex mutex;  // of quarantined
  std::map<std::string, std::string> quarantined;
  std::unique_ptr<Prefetcher> prefetcher;  // last: its threads use all above

  void open(const std::vector<LoaderSource>& given);
  void start_order();
  void start_threads(int64_t row);
  std::string describe_plan() const;
  int64_t rows_given() const;
  std::map<std::string, SourceCursor> next_cursors() const;

  Batch make(int64_t item);
  void add_row(int64_t row, BatchBuilder& builder);
  RowDocument document(const OpenSource& source, const GroupPlan& plan, const PlannedPiece& piece,
                       int64_t epoch) const;
  std::optional<RowDocument> document_or_stand_in(const RowPlace& place, const GroupPlan& plan,
                                                  uint32_t piece);
  void quarantine(const OpenSource& source, const GroupPlan& plan, uint32_t sample,
                  const std::string& finding);
};

void Loader::State::open(const std::vector<LoaderSource>& given) {
  std::map<std::filesystem::path, std::shared_ptr<PlannedFolder>> folders;
  for (const auto& source : given) {
    if (config.split == Split::kTrain && source.weight == 0) continue;
    auto& folder = folders[source.folder];
    if (!folder) folder = std::make_shared<PlannedFolder>(source.folder, rules);
    OpenSource opened{source, folder, {}};
    for (const auto& language : folder->manifest().languages) {
      const auto found = std::ranges::find(languages, language);
      opened.languages.push_back(static_cast<int32_t>(found - languages.begin()));
      if (found == languages.end()) languages.push_back(language);
    }
    source_names.push_back(source.name);
    sources.push_back(std::move(opened));
  }
  for (const auto& [path, folder] : folders)
    folder->keep_plans(2 * SourceOrder::kWindowGroups * sources.size());
}

std::string Loader::State::describe_plan() const {
  auto text = fmt::format("{}; seed {}; split {}", rules->id, config.seed,
                          kSplitNames[static_cast<size_t>(config.split)]);
  text += fmt::format("; objective {} {} {} {} {}", config.objective.causal,
                      config.objective.prefix_lm, config.objective.regular_spans,
                      config.objective.extreme_spans, config.objective.mode_tokens);
  for (const auto& source : sources) {
    text += fmt::format("; {} x {}", source.config.name, source.config.weight);
    const auto& manifest = source.folder->manifest();
    for (const auto shard : shards_of(manifest, source.config.name, config.split))
      text += " " + manifest.shards[shard].hash;
  }
  return hex(xxh3_128(text));
}

void Loader::State::start_order() {
  if (config.split != Split::kTrain) {
    std::vector<HeldOutOrder::Source> held_out;
    for (const auto& source : sources) held_out.push_back({source.folder, source.config.name});
    order = std::make_unique<HeldOutOrder>(held_out, config.split);
  } else {
    std::vector<std::unique_ptr<SourceOrder>> orders;
    std::vector<int64_t> weights;
    for (const auto& source : sources) {
      const auto& name = source.config.name;
      orders.push_back(
          std::make_unique<SourceOrder>(source.folder, name, config.seed, started[name]));
      weights.push_back(source.config.weight);
    }
    order = std::make_unique<TrainingOrder>(std::move(orders), Mixture(std::move(weights)));
  }
  for (const auto& source : sources) source.folder->save_counts();
}

void Loader::State::start_threads(int64_t row) {
  if (prefetcher) waited_before += prefetcher->seconds_waited();
  prefetcher.reset();
  first_row = row;
  Prefetcher::Config prefetch{.threads = config.threads,
                              .depth = std::max(config.prefetch, config.threads)};
  if (const auto rows = order->num_rows()) {
    const auto together = config.rows * rank.world;
    prefetch.end = (std::max<int64_t>(*rows - row, 0) + together - 1) / together;
  }
  prefetcher = std::make_unique<Prefetcher>([this](int64_t item) { return make(item); }, prefetch);
}

int64_t Loader::State::rows_given() const {
  return first_row + prefetcher->position() * config.rows * rank.world;
}

std::map<std::string, SourceCursor> Loader::State::next_cursors() const {
  auto* training = dynamic_cast<TrainingOrder*>(order.get());
  if (training == nullptr) return {};
  const auto cursors = training->cursors(rows_given());
  auto next = started;  // sources of earlier plans keep their place
  for (size_t i = 0; i < sources.size(); ++i) next[sources[i].config.name] = cursors[i];
  return next;
}

Batch Loader::State::make(int64_t item) {
  BatchBuilder builder(filler);
  for (int64_t i = 0; i < config.rows; ++i) {
    const auto row = first_row + (item * config.rows + i) * rank.world + rank.rank;
    const auto begin = builder.tokens();
    if (!order->num_rows() || row < *order->num_rows()) add_row(row, builder);
    builder.add_filler(begin + config.row_tokens - builder.tokens());
  }
  return builder.finish();
}

void Loader::State::add_row(int64_t row, BatchBuilder& builder) {
  const auto place = order->locate(row);
  const auto& source = sources[place.source];
  const auto plan = source.folder->plan(place.row.shard, place.row.epoch, place.row.shuffle);
  for (const auto piece : plan->rows.row(place.row.row))
    if (auto document = document_or_stand_in(place, *plan, piece))
      builder.add(std::move(*document));
}

RowDocument Loader::State::document(const OpenSource& source, const GroupPlan& plan,
                                    const PlannedPiece& piece, int64_t epoch) const {
  const auto sample = plan.shard->sample(piece.sample);
  const auto seed = mix64(sample.id, epoch, piece.number);
  auto document = make_document(sample, piece.text, *rules, media.decode, seed);
  TORCH_CHECK(document.example.length == piece.text.length, "loader: ", sample.document_id, " has ",
              document.example.length, " tokens, planned were ", piece.text.length);
  document.info.source = static_cast<int32_t>(&source - sources.data());
  document.info.language = source.languages[static_cast<size_t>(sample.language)];
  return document;
}

std::optional<RowDocument> Loader::State::document_or_stand_in(const RowPlace& place,
                                                               const GroupPlan& plan,
                                                               uint32_t piece) {
  const auto& source = sources[place.source];
  const auto room = plan.pieces[piece].text.length;
  const auto count = static_cast<uint32_t>(plan.pieces.size());
  size_t tried = 0;
  for (uint32_t step = 0; step < count && tried < kStandIns; ++step) {
    const auto& candidate = plan.pieces[(piece + step) % count];
    if (candidate.text.length > room) continue;
    ++tried;
    try {
      return document(source, plan, candidate, place.row.epoch);
    } catch (const DataError& error) {
      quarantine(source, plan, candidate.sample, error.what());
      if (config.split != Split::kTrain) break;  // nothing is measured twice
    }
  }
  return std::nullopt;
}

void Loader::State::quarantine(const OpenSource& source, const GroupPlan& plan, uint32_t sample,
                               const std::string& finding) {
  const auto name = fmt::format("{}/{}", source.config.name, plan.shard->document_id(sample));
  const std::lock_guard lock(mutex);
  if (!quarantined.emplace(name, finding).second) return;
  warn("{}: quarantined, {}: {}", name,
       config.split == Split::kTrain ? "another sample takes its place" : "left out", finding);
  if (static_cast<int64_t>(quarantined.size()) > config.max_quarantined)
    throw DataError("{}: more than {} samples are damaged, the last one {}: {}",
                    source.config.folder.string(), config.max_quarantined, name, finding);
}

Loader::Loader(const LoaderConfig& config, const std::vector<LoaderSource>& sources,
               const std::shared_ptr<const Tokenizer>& tokenizer, const MediaRules& media,
               const LoaderRank& rank)
    : state_(std::make_unique<State>()) {
  TORCH_CHECK(config.row_tokens > 0 && config.rows > 0 && rank.rank < rank.world,
              "loader: rows of ", config.row_tokens, " tokens, ", config.rows, " to a batch, rank ",
              rank.rank, " of ", rank.world);
  state_->config = config;
  state_->rank = rank;
  state_->media = media;
  state_->rules =
      std::make_shared<const RowRules>(config.row_tokens, config.objective, tokenizer, media);
  state_->filler = tokenizer->end_of_text();
  state_->open(sources);
  state_->plan_id = state_->describe_plan();
  state_->start_order();
  state_->start_threads(0);
}

Loader::~Loader() = default;

Batch Loader::next() {
  return state_->prefetcher->next();
}

bool Loader::finished() const {
  const auto rows = state_->order->num_rows();
  return rows && state_->rows_given() >= *rows;
}

LoaderState Loader::state() const {
  return {.rows = state_->rows_given(),
          .plan = state_->plan_id,
          .started = state_->started,
          .next = state_->next_cursors()};
}

bool Loader::restore(const LoaderState& state) {
  const bool same = state.plan == state_->plan_id;
  state_->prefetcher->stop();
  state_->started = same ? state.started : state.next;
  state_->start_order();
  state_->start_threads(same ? state.rows : 0);
  return same;
}

const std::vector<std::string>& Loader::source_names() const {
  return state_->source_names;
}

const std::vector<std::string>& Loader::language_names() const {
  return state_->languages;
}

double Loader::seconds_waited() const {
  return state_->waited_before + state_->prefetcher->seconds_waited();
}

LoaderReport Loader::report() const {
  LoaderReport report{.source_rows = state_->order->source_rows()};
  for (const auto rows : report.source_rows) report.rows_per_epoch += rows;
  for (const auto& source : state_->sources)
    for (const auto shard :
         shards_of(source.folder->manifest(), source.config.name, state_->config.split)) {
      report.num_refused += source.folder->num_refused(shard);
      for (const auto& finding : source.folder->refused(shard))
        report.refused.push_back({source.config.name, finding});
    }
  const std::lock_guard lock(state_->mutex);
  for (const auto& [name, finding] : state_->quarantined)
    report.quarantined.push_back({name, finding});
  return report;
}

}  // namespace reka::data
