#include "train/trace.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "data/media/rules.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/log.h"
#include "reka/base/progress.h"
#include "reka/base/random.h"
#include "reka/weights/checkpoint.h"
#include "train/feed.h"
#include "train/resume.h"
#include "train/telemetry/journal.h"

namespace reka::train {
namespace {

bool is_named(const TracedDocument& document, std::string_view name) {
  return document.document == name || document.source + "/" + document.document == name;
}

/// As Stepper folds the rows of its batches: each document with its place, the filler too.
uint64_t hash_of_row(const std::vector<TracedDocument>& documents, int64_t row_tokens) {
  uint64_t hash = 0;
  int64_t end = 0;
  for (const auto& document : documents) {
    hash = mix64(hash, document.sample_id, static_cast<uint64_t>(document.begin));
    end = document.begin + document.tokens;
  }
  return end < row_tokens ? mix64(hash, 0, static_cast<uint64_t>(end)) : hash;
}

/// Whether a plan that begins where another ended begins at `started`: a source that the other did
/// not draw from begins at its beginning.
bool leads_to(const std::map<std::string, data::SourceCursor>& ended,
              const std::map<std::string, data::SourceCursor>& started) {
  return std::ranges::all_of(started, [&](const auto& source) {
    const auto found = ended.find(source.first);
    return source.second == (found == ended.end() ? data::SourceCursor() : found->second);
  });
}

}  // namespace

Json TracedDocument::to_json() const {
  Json json = {{"step", step},         {"row", row},       {"begin", begin},
               {"tokens", tokens},     {"source", source}, {"document", document},
               {"language", language}, {"piece", piece},   {"id", hex(sample_id)}};
  if (!stands_in.empty()) json["stands_in"] = stands_in;
  if (!masked.empty()) json["masked"] = masked;
  json["alike"] = origin.alike;
  if (rules) {
    auto& list = json["rules"] = Json::array();
    for (const auto& rule : *rules) list.push_back(rule.to_json());
  }
  return json;
}

Trace::Trace(std::filesystem::path run) : run_(std::move(run)) {
  const auto* now = load_settings(run_ / "config.yaml");
  tokenizer_ = data::Tokenizer::load(now->config.data.shards);
  for (const auto& place : known_states(run_)) {
    const auto path = place.path / "state.json";
    const auto state =
        TrainState::from_json(parse_json(read_file(path), path.string()), path.string());
    for (const auto& sample : state.loader.quarantined) quarantine_.add(sample);
    add_parts(state, *load_settings(place.path / "config.yaml"));
    newest_ = state;
  }
  read_masked();
  for (auto& part : walk(*now, newest_.step, newest_.loader, now->stages.back().end)) {
    parts_.push_back(std::move(part));
  }
}

void Trace::read_masked() {
  for (const auto& entry : read_step_log(run_ / Journal::kMaskedName)) {
    for (const auto& json : entry["masked"]) {
      const auto sample = data::Refused::from_json(json, Journal::kMaskedName);
      masked_.try_emplace(sample.document, Masked{entry["step"], sample.finding});
    }
  }
}

const Trace::Settings* Trace::load_settings(const std::filesystem::path& file) {
  auto resolved = load_config<RunConfig>(file);
  use_local_shards(resolved.config);
  settings_.push_back(std::make_unique<Settings>(
      Settings{file.string(), resolved.config, plan_stages(resolved, /*world_size=*/1)}));
  return settings_.back().get();
}

std::shared_ptr<data::RowStream> Trace::open(const Settings& settings, size_t index) const {
  const auto& config = settings.config;
  const auto& stage = settings.stages[index];
  auto rules = std::make_shared<const data::RowRules>(
      stage.sequence_length, stage.objective, tokenizer_, data::media_rules(config.model),
      data::ClusterRepeats(config.data.cluster_repeats));
  const data::StreamConfig stream = {.seed = static_cast<uint64_t>(config.run.seed),
                                     .objective = stage.objective};
  const auto sources = mixture(config.data.shards, stage.sources, data::Split::kTrain);
  return std::make_shared<data::RowStream>(stream, sources, std::move(rules));
}

/// The plans of a run that goes on at step `begin` with the state of the step before.
std::vector<Trace::Part> Trace::walk(const Settings& settings, int64_t begin,
                                     const data::LoaderState& state, int64_t end) const {
  std::vector<Part> parts;
  auto before = state;
  for (auto step = begin; step < end;) {
    const auto index = stage_of(settings.stages, step);
    Part part = {.settings = &settings,
                 .stage = index,
                 .begin = step,
                 .end = std::min(end, settings.stages[index].end),
                 .stream = open(settings, index)};
    if (step > 0) {
      const bool same = before.plan == part.stream->plan_id();
      part.stream->start(same ? before.started : before.next);
      if (same) part.first_row = before.rows;
    }
    const auto rows = part.first_row + (part.end - step) * part.of().rows;
    before = {.rows = rows,
              .plan = part.stream->plan_id(),
              .started = part.stream->started(),
              .next = part.stream->cursors(rows)};
    step = part.end;
    parts.push_back(std::move(part));
  }
  return parts;
}

/// What a checkpoint tells of the steps before it: those of its plan, and what its config says of
/// those between it and the checkpoint before, if that leads to where its plan began.
void Trace::add_parts(const TrainState& state, const Settings& settings) {
  const auto known = newest_.step;
  const auto index = stage_of(settings.stages, state.step - 1);
  const auto rows = settings.stages[index].rows;
  const auto begin =
      std::max({known, settings.stages[index].begin, state.step - state.loader.rows / rows});
  auto gap = walk(settings, known, newest_.loader, begin);
  if (!gap.empty()) {
    const auto& last = gap.back();
    const bool goes_on = last.stream->plan_id() == state.loader.plan;
    const auto end = last.first_row + (last.end - last.begin) * last.of().rows;
    const auto reached = goes_on ? last.stream->started() : last.stream->cursors(end);
    if (!leads_to(reached, state.loader.started)) gap.clear();
  }
  std::ranges::move(gap, std::back_inserter(parts_));
  Part part = {.settings = &settings,
               .stage = index,
               .begin = begin,
               .end = state.step,
               .first_row = state.loader.rows - (state.step - begin) * rows,
               .stream = open(settings, index)};
  part.stream->start(state.loader.started);
  if (part.stream->plan_id() != state.loader.plan) {
    throw DataError(
        "{}: {}: the shards are no longer those that step {} was trained on: expected "
        "the same",
        run_.string(), settings.config.data.shards, state.step);
  }
  parts_.push_back(std::move(part));
}

const Trace::Part& Trace::part_of(int64_t step) {
  for (const auto& part : parts_) {
    if (part.begin < step && step <= part.end) return part;
  }
  if (step < 1 || step > parts_.back().end) {
    throw DataError("{}: step {}: expected one from 1 to {}", run_.string(), step,
                    parts_.back().end);
  }
  throw DataError(
      "{}: step {}: its mixture was another, and no checkpoint of it is left: expected "
      "a later step",
      run_.string(), step);
}

std::vector<TracedDocument> Trace::row(const Part& part, int64_t step, int64_t row) const {
  const auto global = part.first_row + (step - 1 - part.begin) * part.of().rows + row;
  const auto placed = part.stream->row(global);
  const auto& shard = *placed.plan->shard;
  const auto& folder = *part.stream->sources()[placed.source].folder;
  std::vector<TracedDocument> documents;
  int64_t begin = 0;
  for (const auto first : placed.pieces) {
    const auto good = data::RowStream::first_good(*placed.plan, first, quarantine_);
    if (!good) continue;
    const auto& piece = placed.plan->pieces[*good];
    const auto language = static_cast<size_t>(shard.language(piece.sample));
    documents.push_back({.step = step,
                         .row = row,
                         .begin = begin,
                         .tokens = piece.text.length,
                         .source = part.stream->source_names()[placed.source],
                         .document = std::string(shard.document_id(piece.sample)),
                         .language = folder.manifest().languages[language],
                         .piece = piece.number,
                         .sample_id = shard.id(piece.sample),
                         .origin = shard.origin(piece.sample)});
    if (*good != first) {
      documents.back().stands_in = shard.document_id(placed.plan->pieces[first].sample);
    }
    begin += piece.text.length;
  }
  return documents;
}

const std::optional<data::Lineage>& Trace::lineage_of(const std::filesystem::path& folder) {
  const auto [found, is_new] = lineages_.try_emplace(folder);
  if (is_new) found->second = data::Lineage::open(folder);
  return found->second;
}

std::vector<TracedDocument> Trace::told_row(const Part& part, int64_t step, int64_t number) {
  auto documents = row(part, step, number);
  for (auto& document : documents) {
    const auto masked = masked_.find(document.source + "/" + document.document);
    const bool guarded = part.settings->config.data.guard.has_sets();
    if (guarded && masked != masked_.end() && masked->second.step <= step)
      document.masked = masked->second.finding;
    if (document.origin.row == data::Origin::kUnknown) continue;
    const auto& names = part.stream->source_names();
    const auto source = std::ranges::find(names, document.source) - names.begin();
    const auto& folder = *part.stream->sources()[static_cast<size_t>(source)].folder;
    if (const auto& lineage = lineage_of(folder.path()))
      document.rules = lineage->rules(document.source, document.origin.row, document.document);
  }
  return documents;
}

std::vector<TracedDocument> Trace::step(int64_t step) {
  const auto& part = part_of(step);
  std::vector<TracedDocument> documents;
  for (int64_t row = 0; row < part.of().rows; ++row) {
    for (auto& document : told_row(part, step, row)) documents.push_back(std::move(document));
  }
  return documents;
}

std::vector<TracedDocument> Trace::uses(std::string_view name) {
  std::vector<TracedDocument> uses;
  bool is_known = false;
  Progress progress("trace", newest_.step, "steps");
  int64_t looked_at = 0;  // steps
  for (const auto& part : parts_) {
    if (part.begin >= newest_.step) break;
    if (part.begin > looked_at) {
      warn("{}: steps {} to {}: no checkpoint of their mixture is left: not looked at",
           run_.string(), looked_at + 1, part.begin);
    }
    looked_at = part.end;
    const auto places = part.stream->find(name);
    is_known = is_known || !places.empty();
    for (auto step = part.begin + 1; step <= part.end && !places.empty(); ++step) {
      for (int64_t row = 0; row < part.of().rows; ++row) {
        const auto global = part.first_row + (step - 1 - part.begin) * part.of().rows + row;
        const auto place = part.stream->place(global);
        if (!places.contains({place.source, place.row.shard})) continue;
        for (auto& document : told_row(part, step, row)) {
          if (is_named(document, name)) uses.push_back(std::move(document));
        }
      }
      progress.advance();
    }
  }
  if (!is_known)
    throw DataError("{}: {}: must be a document it trains on: ID or SOURCE/ID", run_.string(),
                    name);
  return uses;
}

uint64_t Trace::order_hash() {
  uint64_t hash = 0;
  Progress progress("trace", newest_.step, "steps");
  for (int64_t step = 1; step <= newest_.step; ++step) {
    const auto& part = part_of(step);
    uint64_t of_step = 0;
    for (int64_t row = 0; row < part.of().rows; ++row) {
      of_step = mix64(of_step, hash_of_row(this->row(part, step, row), part.of().sequence_length));
    }
    hash = mix64(hash, of_step);
    progress.advance();
  }
  return hash;
}

}  // namespace reka::train
