#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>

#include <ATen/ATen.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/log.h"
#include "reka/base/quantity.h"
#include "reka/base/random.h"
#include "reka/parallel/device.h"
#include "reka/weights/checkpoint.h"
#include "train/signals.h"
#include "train/telemetry/flops.h"
#include "train/telemetry/machine.h"

namespace reka::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Trainer::Trainer(const Resolved<RunConfig>& config, const Launch& launch, ShowSamples show_samples)
    : config_(resolved_.config),
      resolved_(config),
      launch_(launch),
      device_(pick_device(config.config.device.value, launch.local_rank)),
      folder_(config.config.folder()),
      show_samples_(std::move(show_samples)) {
  check_mesh(config_.parallel, launch.world_size);
  stages_ = plan_stages(resolved_, launch.world_size);
  last_step_ = stages_.back().end;
  group_ = Group::connect(launch, device_, std::chrono::seconds(config_.parallel.timeout_seconds));
}

Outcome Trainer::run() {
  if (group_->first()) lock_.take(folder_);
  const auto from = find_checkpoint(folder_, *group_);
  expect_known_sources(resolved_);
  tokenizer_ = data::Tokenizer::load(config_.data.shards);
  if (!from.empty()) {
    expect_tokenizer(
        *tokenizer_, from / "tokenizer.model", from.string(),
        fmt::format("remove {} to train anew, or give another run.dir", folder_.string()));
    changes_ = tell_changes(resolved_, from);
    const auto step = CheckpointManifest::load(from).step;
    if (is_complete(config_, stages_, step, show_samples_ != nullptr, *group_))
      return Outcome::kWasComplete;
    if (group_->first()) keep_resumed(folder_, from);
  }
  build(from);
  start();
  const StopSignals signals(/*tells=*/group_->first());
  try {
    return train();
  } catch (const std::exception&) {
    save_after_error();
    throw;
  }
}

Outcome Trainer::train() {
  if (make_up_held_out()) return finish(true);
  if (state_.step == last_step_) {  // cut off behind its last step
    report(true);
    return finish(false);
  }
  while (true) {
    auto entry = train_one_step();
    expect_progress(entry);
    const bool stops = wants_to_stop() || evaluate(entry);
    const bool last = stops || state_.step == last_step_;
    // What diverged never takes the place of a checkpoint from before.
    diverged_ = entry.has_diverged();
    if (!diverged_ && (last || state_.step % config_.checkpoint.every == 0)) save(entry);
    if (journal_) journal_->write(entry);
    if (!entry.found.damaged.empty()) feed_->expect_few_quarantined();
    if (last || entry.held_out) report(!stops && !diverged_);
    if (last && diverged_) {
      throw Error(
          fmt::format("step {}: {} that are not finite, not saved: lower optimizer.lr, or begin "
                      "from an earlier checkpoint",
                      state_.step, entry.applied ? "held-out losses" : "gradients"));
    }
    if (journal_ && diverged_ && entry.applied)
      warn("step {}: held-out losses are not finite: not saved", state_.step);
    if (last) return finish(stops);
    if (writer_) warn_of_save(writer_->take_error());
    if (journal_ && peak_ == 0) {  // after the first line, so that it comes at once
      peak_ = measure_matmul_peak(subject_.model->precision(), device_);
    }
  }
}

/// The held-out losses of the step that is saved, where a signal cut them off. -> whether one came
/// again.
bool Trainer::make_up_held_out() {
  const bool lacks = group_->first() && lacks_held_out(config_, stages_, state_.step);
  if (state_.step == 0 || !group_->any(lacks)) return false;
  StepEntry entry = {.step = state_.step, .tokens = state_.tokens};
  const bool stops = evaluate(entry);
  if (journal_ && entry.held_out) journal_->add_held_out(entry);
  return stops;
}

Outcome Trainer::finish(bool stopped) {
  if (writer_) writer_->finish();
  if (!stopped) {
    info("{}: {} steps, {} tokens", folder_.string(), state_.step,
         count_text(static_cast<double>(state_.tokens)));
    return Outcome::kComplete;
  }
  // A launcher may end all ranks when the first of them leaves: none does before the save is whole.
  group_->any(true);
  const auto signal = StopSignals::received();
  info("{}: saved step {} of {}; the same command goes on from there",
       signal == 0 ? "another rank was stopped" : strsignal(signal), state_.step, last_step_);
  return Outcome::kStopped;
}

/// The weights, from the checkpoint if there is one.
void Trainer::build(const std::filesystem::path& checkpoint) {
  std::optional<ModelFolder> weights;
  if (checkpoint.empty() && !config_.init_from.empty()) {
    weights = open_init_from(config_, tokenizer_.get());
  }
  subject_ =
      make_subject(config_, tokenizer_->vocab_size(), device_, weights ? &*weights : nullptr);
  if (weights) info("init_from: {}", weights->origin);
  if (checkpoint.empty()) return;
  state_ = load_resumed(checkpoint, subject_, changes_);
  subject_.optimizer->set_updates(state_.updates);
  saved_step_ = state_.step;
  info("resume: {}: step {} of {}, {} tokens", checkpoint.string(), state_.step, last_step_,
       count_text(static_cast<double>(state_.tokens)));
}

/// Everything that needs to know where the run stands.
void Trainer::start() {
  const data::LoaderRank rank = {launch_.rank, launch_.world_size};
  stepper_ = std::make_unique<Stepper>(subject_.loss(), device_, *subject_.parameters,
                                       *subject_.optimizer, *group_);
  feed_ = std::make_unique<Feed>(config_, stages_, tokenizer_, rank);
  feed_->enter(state_.step, state_.loader);
  held_out_ = std::make_unique<HeldOut>(config_, stages_, tokenizer_, *group_);
  if (held_out_->empty() && config_.evaluate.every > 0) {
    warn("evaluate.every = {}: {} has no dev sample: no held-out loss is measured",
         config_.evaluate.every, config_.data.shards);
  }
  if (group_->first()) start_telling();
}

/// What the first rank writes.
void Trainer::start_telling() {
  const auto yaml = to_yaml(resolved_);
  write_file_atomic(folder_ / "config.yaml", yaml);
  writer_ = std::make_unique<CheckpointWriter>(CheckpointOptions{
      .folder = folder_ / "checkpoints",
      .files = {{"config.yaml", yaml}, {"tokenizer.model", tokenizer_->model_bytes()}},
      .keep = config_.checkpoint.keep,
      .keep_every = config_.checkpoint.keep_every.value_or(0),
      .resumed_step = state_.step});
  journal_ = std::make_unique<Journal>(folder_, state_.step, config_.log.every);
  journal_->set_languages(feed_->languages(),
                          held_out_->empty() ? std::vector<std::string>() : held_out_->languages());
  tell_start(config_, stages_, subject_, launch_.world_size);
  if (state_.step > 0 && state_.step < last_step_) {
    const auto& stage = stages_[stage_of(stages_, state_.step)];
    const auto finding = raised_learning_rate(config_, state_, learning_rate(stage));
    if (!finding.empty()) warn("resume: {}", finding);
  }
  auto about = describe_run(config_, stages_, subject_, launch_.world_size);
  if (state_.step > 0) about.take(About::load(folder_));
  report_ = std::make_unique<Report>(folder_, std::move(about));
}

double Trainer::learning_rate(const Stage& stage) const {
  const Place place = {state_.step, state_.tokens, stage.step_tokens()};
  return std::get<AdamWConfig>(config_.optimizer).lr *
         learning_rate_share(config_.schedule, place, default_horizon(config_.schedule, stages_));
}

StepEntry Trainer::train_one_step() {
  const auto& stage = feed_->enter(state_.step, state_.loader);
  const auto waited = feed_->seconds_waited();
  const auto started = Clock::now();
  // Whatever draws random numbers in a step draws the same after a resume.
  torch::manual_seed(mix64(static_cast<uint64_t>(config_.run.seed),
                           static_cast<uint64_t>(state_.step), launch_.rank));
  const StepPlan plan = {.micro_batches = stage.rows / launch_.world_size / stage.micro_rows,
                         .row_tokens = stage.sequence_length,
                         .first_row = feed_->rows_given(),
                         .rows = stage.rows,
                         .lr = learning_rate(stage),
                         .clip = config_.train.clip};
  double flops = 0;
  auto result = stepper_->run(plan, feed_->languages().size(), [&] {
    auto batch = feed_->next();
    flops += model_flops(config_.model, subject_.model->vocab_size(), batch);
    return batch;
  });
  state_.step += 1;
  state_.tokens += stage.step_tokens();
  state_.updates = subject_.optimizer->updates();
  state_.skipped += result.applied ? 0 : 1;
  state_.order_hash = mix64(state_.order_hash, result.order_hash);
  auto found = feed_->share_found(*group_, result.quarantined + result.masked);
  state_.loader = feed_->state();
  StepEntry entry = {.step = state_.step,
                     .last_step = last_step_,
                     .stage = stage.name,
                     .losses = std::move(result.losses),
                     .lr = plan.lr,
                     .gradient_norm = result.gradient_norm,
                     .applied = result.applied,
                     .tokens = state_.tokens,
                     .step_tokens = stage.step_tokens(),
                     .padding = result.padding,
                     .seconds = seconds_since(started),
                     .data_seconds = feed_->seconds_waited() - waited,
                     .memory_bytes = peak_memory_bytes(device_),
                     .order_hash = state_.order_hash,
                     .masked = result.masked,
                     .found = std::move(found),
                     .deal = feed_->deal()};
  if (peak_ > 0) {
    // A machine that was busy when it was measured can do what it does.
    peak_ = std::max(peak_, flops / entry.seconds);
    entry.peak_share = flops / entry.seconds / peak_;
  }
  return entry;
}

/// A run whose steps change nothing ends.
void Trainer::expect_progress(StepEntry& entry) {
  skipped_in_a_row_ = entry.applied ? 0 : skipped_in_a_row_ + 1;
  if (skipped_in_a_row_ < std::min(config_.train.max_skipped, last_step_)) return;
  if (journal_) journal_->write(entry);
  const auto steps = fmt::format("step {}: {} steps in a row", state_.step, skipped_in_a_row_);
  if (entry.losses.all().weight == 0) {
    throw DataError(
        "{} changed no weight, this one with 0 target tokens: batches must have "
        "something to predict",
        steps);
  }
  throw Error(steps +
              " with gradients that are not finite: lower optimizer.lr, or begin from an "
              "earlier checkpoint");
}

bool Trainer::wants_to_stop() {
  return group_->any(StopSignals::received() != 0);
}

/// -> whether a signal to stop came meanwhile; then there are no losses.
bool Trainer::evaluate(StepEntry& entry) {
  if (held_out_->empty()) return false;
  if (state_.step % config_.evaluate.every != 0 && state_.step != last_step_) return false;
  auto losses = held_out_->run(subject_.loss(), device_);
  if (wants_to_stop()) return true;
  if (losses.all().weight > 0) {
    entry.held_out = std::move(losses);
  } else if (group_->first()) {
    warn("{}: 0 target tokens in the held-out rows: no held-out loss", config_.data.shards);
  }
  return false;
}

void Trainer::save(StepEntry& entry) {
  saved_step_ = state_.step;
  if (!writer_) return;
  const auto started = Clock::now();
  const auto error = writer_->save(state_, *subject_.parameters, subject_.frozen);
  entry.save_seconds = seconds_since(started);
  warn_of_save(error);
}

/// The steps since the last checkpoint outlive an error, where the weights are those of the state
/// and did not diverge.
void Trainer::save_after_error() {
  const bool whole =
      subject_.optimizer->updates() == state_.updates && !diverged_ && skipped_in_a_row_ == 0;
  if (!writer_ || !whole || state_.step <= saved_step_) return;
  try {
    StepEntry entry;
    save(entry);
    writer_->finish();
    info("step {} of {}: saved; the same command goes on from there", state_.step, last_step_);
  } catch (const std::exception& error) {
    warn("step {} is not saved: {}", state_.step, error.what());
  }
}

/// The page is for people: one that cannot be written is no reason to stop. Who stops a run does
/// not wait for new samples.
void Trainer::report(bool with_samples) {
  const auto left_out = gathered(*group_, feed_->report());
  if (!report_) return;
  try {
    if (show_samples_ && with_samples) {
      report_->samples() = {state_.step, show_samples_(subject_.model, tokenizer_)};
    }
    report_->about().take(left_out);
    report_->write(state_.step);
  } catch (const std::exception& error) {
    warn("{}: no new report.html; training goes on", error.what());
  }
}

}  // namespace reka::train
