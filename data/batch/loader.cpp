#include "data/batch/loader.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include <c10/util/Exception.h>

#include "data/batch/prefetch.h"
#include "data/batch/row.h"
#include "reka/base/error.h"
#include "reka/base/log.h"
#include "reka/base/random.h"

namespace reka::data {

struct Loader::State {
  LoaderConfig config;
  LoaderRank rank;
  MediaRules media;
  std::shared_ptr<const RowRules> rules;
  int32_t filler = 0;
  std::unique_ptr<RowStream> stream;
  std::unique_ptr<Dealer> dealer;  // where rows are dealt by cost
  int64_t first_row = 0;           // of item 0 of the prefetcher
  double waited_before = 0;
  BatchFindings findings;
  std::unique_ptr<Prefetcher> prefetcher;  // last: its threads use all above

  void start_threads(int64_t row);
  int64_t rows_given() const;
  std::vector<int64_t> rows_of(int64_t item);

  Batch make(int64_t item);
  void add_row(int64_t row, BatchBuilder& builder, BatchFindings::Found& found);
  RowDocument document(const RowStream::Row& row, const PlannedPiece& piece,
                       BatchFindings::Found& found) const;
  std::optional<RowDocument> try_document(const RowStream::Row& row, uint32_t piece,
                                          BatchFindings::Found& found) const;
  void note(int64_t item);
};

void Loader::State::start_threads(int64_t row) {
  if (prefetcher) waited_before += prefetcher->seconds_waited();
  prefetcher.reset();
  findings.forget_ahead();
  if (dealer) dealer->forget();
  first_row = row;
  Prefetcher::Config prefetch{.threads = config.threads,
                              .depth = std::max(config.prefetch, config.threads)};
  if (!stream->trains()) {
    const auto together = config.rows * rank.world;
    const auto rows = std::max<int64_t>(*stream->num_rows() - row, 0);
    prefetch.end = (rows + together - 1) / together;
  }
  prefetcher = std::make_unique<Prefetcher>([this](int64_t item) { return make(item); }, prefetch);
}

int64_t Loader::State::rows_given() const {
  return first_row + prefetcher->position() * config.rows * rank.world;
}

/// The global rows of a micro-batch of this rank.
std::vector<int64_t> Loader::State::rows_of(int64_t item) {
  std::vector<int64_t> rows;
  if (!dealer) {
    for (int64_t i = 0; i < config.rows; ++i)
      rows.push_back(first_row + (item * config.rows + i) * rank.world + rank.rank);
    return rows;
  }
  const auto items = config.step_rows / config.rows / rank.world;  // of a step
  const auto step = item / items;
  const auto mine = dealer->deal(first_row, step).rows[static_cast<size_t>(rank.rank)];
  for (int64_t i = 0; i < config.rows; ++i)
    rows.push_back(first_row + step * config.step_rows +
                   mine[static_cast<size_t>(item % items * config.rows + i)]);
  return rows;
}

Batch Loader::State::make(int64_t item) {
  BatchBuilder builder(filler);
  BatchFindings::Found found;
  const auto rows = rows_of(item);
  for (const auto row : rows) {
    const auto begin = builder.tokens();
    if (stream->trains() || row < *stream->num_rows()) add_row(row, builder, found);
    builder.add_filler(begin + config.row_tokens - builder.tokens());
  }
  auto batch = builder.finish();
  batch.rows = rows;
  batch.quarantined = std::ssize(found.damaged);
  batch.masked = std::ssize(found.masked);
  if (batch.quarantined + batch.masked > 0) findings.put(item, std::move(found));
  return batch;
}

void Loader::State::add_row(int64_t row, BatchBuilder& builder, BatchFindings::Found& found) {
  const auto placed = stream->row(row);
  for (const auto piece : placed.pieces) {
    auto document = try_document(placed, piece, found);
    if (!document && stream->trains()) {  // nothing held out is measured twice
      const auto others = RowStream::stand_ins(*placed.plan, piece);
      for (size_t i = 1; i < others.size() && !document; ++i)
        document = try_document(placed, others[i], found);
    }
    if (document) builder.add(std::move(*document));
  }
}

RowDocument Loader::State::document(const RowStream::Row& row, const PlannedPiece& piece,
                                    BatchFindings::Found& found) const {
  const auto sample = row.plan->shard->sample(piece.sample);
  const auto seed = mix64(copy_id(sample.id, piece.copy), row.epoch, piece.number);
  auto document = make_document(sample, piece.text, *rules, media.decode, seed);
  TORCH_CHECK(document.example.length == piece.text.length, "loader: ", sample.document_id, " has ",
              document.example.length, " tokens, planned were ", piece.text.length);
  const auto& source = stream->sources()[row.source];
  document.info.source = static_cast<int32_t>(row.source);
  document.info.language = source.languages[static_cast<size_t>(sample.language)];
  if (auto finding = config.guard ? config.guard->find(sample) : std::nullopt) {
    document.take_targets();
    found.masked.push_back(
        {fmt::format("{}/{}", source.config.name, sample.document_id), *std::move(finding)});
  }
  return document;
}

std::optional<RowDocument> Loader::State::try_document(const RowStream::Row& row, uint32_t piece,
                                                       BatchFindings::Found& found) const {
  const auto& planned = row.plan->pieces[piece];
  const auto shard = row.plan->shard->header().hash;
  if (findings.is_quarantined(shard, planned.sample)) return std::nullopt;
  try {
    return document(row, planned, found);
  } catch (const DataError& error) {
    found.damaged.push_back({.source = stream->source_names()[row.source],
                             .document = std::string(row.plan->shard->document_id(planned.sample)),
                             .shard = shard,
                             .sample = planned.sample,
                             .finding = error.what()});
    return std::nullopt;
  }
}

/// Tells what was found in a batch that is given out.
void Loader::State::note(int64_t item) {
  for (const auto& sample : findings.give_out(item)) {
    warn("{}: quarantined, {}: {}", sample.name(),
         stream->trains() ? "another sample takes its place" : "left out", sample.finding);
    if (findings.num_quarantined() > config.max_quarantined)
      throw DataError("{}: more than {} samples are damaged, the last one {}: {}",
                      stream->sources().front().config.folder.string(), config.max_quarantined,
                      sample.name(), sample.finding);
  }
}

Loader::Loader(const LoaderConfig& config, const std::vector<LoaderSource>& sources,
               const std::shared_ptr<const Tokenizer>& tokenizer, const MediaRules& media,
               const LoaderRank& rank)
    : state_(std::make_unique<State>()) {
  TORCH_CHECK(config.row_tokens > 0 && config.rows > 0 && rank.rank < rank.world &&
                  config.step_rows % (config.rows * rank.world) == 0,
              "loader: rows of ", config.row_tokens, " tokens, ", config.rows, " to a batch, ",
              config.step_rows, " to a step, rank ", rank.rank, " of ", rank.world);
  state_->config = config;
  state_->rank = rank;
  state_->media = media;
  state_->rules = std::make_shared<const RowRules>(config.row_tokens, config.objective, tokenizer,
                                                   media, config.cluster_repeats);
  state_->filler = tokenizer->end_of_text();
  const StreamConfig stream = {config.seed, config.split, config.objective};
  state_->stream = std::make_unique<RowStream>(stream, sources, state_->rules);
  state_->stream->read_content();
  const Dealer::Shape shape = {config.row_tokens, config.step_rows, rank.world};
  state_->dealer = std::make_unique<Dealer>(*state_->stream, media, shape);
  if (!state_->dealer->deals()) state_->dealer.reset();
  state_->start_threads(0);
}

Loader::~Loader() = default;

Batch Loader::next() {
  const auto item = state_->prefetcher->position();
  auto batch = state_->prefetcher->next();
  state_->note(item);
  return batch;
}

bool Loader::finished() const {
  return !stream().trains() && state_->rows_given() >= *stream().num_rows();
}

LoaderState Loader::state() const {
  const auto rows = state_->rows_given();
  return {.rows = rows,
          .plan = stream().plan_id(),
          .started = stream().started(),
          .next = stream().cursors(rows),
          .mixture = stream().shares(),
          .quarantined = state_->findings.quarantined()};
}

bool Loader::restore(const LoaderState& state) {
  const bool same = state.plan == stream().plan_id();
  state_->prefetcher->stop();
  state_->findings.add_quarantined(state.quarantined);
  state_->stream->start(same ? state.started : state.next);
  state_->start_threads(same ? state.rows : 0);
  return same;
}

std::vector<std::string> Loader::changes(const LoaderState& state) const {
  return state.mixture.empty() ? std::vector<std::string>() : stream().changes(state.mixture);
}

BatchFindings::Found Loader::take_found() {
  return state_->findings.take();
}

void Loader::add_quarantined(const std::vector<Quarantined>& found) {
  state_->findings.add_quarantined(found);
}

const RowStream& Loader::stream() const {
  return *state_->stream;
}

int64_t Loader::rows_given() const {
  return state_->rows_given();
}

std::optional<int64_t> Loader::rows_left() const {
  const auto rows = stream().num_rows();
  if (!rows) return rows;
  return *rows - state_->rows_given();
}

std::vector<std::string> Loader::exhausted() const {
  return stream().left_before(state_->rows_given());
}

Deal Loader::deal() const {
  if (!state_->dealer || state_->prefetcher->position() == 0) return {};
  const auto rows = (state_->prefetcher->position() - 1) * state_->config.rows * state_->rank.world;
  const auto step = rows / state_->config.step_rows;
  state_->dealer->forget_before(step);
  return state_->dealer->deal(state_->first_row, step);
}

const std::vector<std::string>& Loader::source_names() const {
  return stream().source_names();
}

const std::vector<std::string>& Loader::language_names() const {
  return stream().languages();
}

double Loader::seconds_waited() const {
  return state_->waited_before + state_->prefetcher->seconds_waited();
}

LoaderReport Loader::report() const {
  LoaderReport report{.source_rows = stream().source_rows(), .masked = state_->findings.masked()};
  for (const auto rows : report.source_rows) report.rows_per_epoch += rows;
  for (const auto& source : stream().sources())
    for (const auto shard :
         shards_of(source.folder->manifest(), source.config.name, state_->config.split)) {
      report.num_refused += source.folder->num_refused(shard);
      for (const auto& finding : source.folder->refused(shard))
        report.refused.push_back({source.config.name, finding});
    }
  for (const auto& sample : state_->findings.quarantined())
    report.quarantined.push_back({sample.name(), sample.finding});
  return report;
}

}  // namespace reka::data
