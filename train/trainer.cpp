#include "train/trainer.h"

#include <chrono>
#include <csignal>
#include <cstring>

#include <ATen/ATen.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/log.h"
#include "reka/base/quantity.h"
#include "reka/base/random.h"
#include "reka/weights/checkpoint.h"
#include "train/checkpoint/reader.h"
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
      device_(pick_device(config.config, launch.local_rank)),
      folder_(config.config.folder()),
      show_samples_(std::move(show_samples)) {
  check_mesh(config_.parallel, launch.world_size);
  stages_ = plan_stages(config_, launch.world_size);
  last_step_ = stages_.back().end;
  group_ = Group::connect(launch, device_, std::chrono::seconds(config_.parallel.timeout_seconds));
}

Trainer::~Trainer() {
  if (lock_ >= 0) close(lock_);
}

/// Two trainings in one folder would write over each other.
void Trainer::claim_folder() {
  if (!group_->first()) return;
  std::error_code ignored;  // open() says what is wrong
  std::filesystem::create_directories(folder_, ignored);
  lock_ = open((folder_ / ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (lock_ < 0) throw DataError("{}: {}: must be writable", folder_.string(), strerror(errno));
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  throw ConfigError("run.dir = {}: another training runs there: must be one of its own",
                    folder_.string());
}

Outcome Trainer::run() {
  claim_folder();
  const auto checkpoints = folder_ / "checkpoints";
  std::string from;
  if (group_->first()) {
    const auto place = last_good_checkpoint(checkpoints, CheckpointUse::kTraining);
    if (place) from = place->path.string();
  }
  from = group_->share(from);
  if (!from.empty()) {
    const auto step = CheckpointManifest::load(from).step;
    if (step >= last_step_) {
      info("{}: complete: {} of {} steps are done; more: train.steps=N", folder_.string(), step,
           last_step_);
      return Outcome::kWasComplete;
    }
  }
  tokenizer_ = data::Tokenizer::load(config_.data.shards);
  subject_ = make_subject(config_, tokenizer_->vocab_size(), device_, !from.empty());
  if (!from.empty()) resume(from);
  start();
  const StopSignals signals;
  while (state_.step < last_step_) {
    auto entry = train_one_step();
    const auto signal = StopSignals::received();
    const bool stops = group_->any(signal != 0);
    evaluate(entry);
    const bool due = state_.step % config_.checkpoint.every == 0;
    if (due || stops || state_.step == last_step_) save(entry);
    if (journal_) journal_->write(entry);
    report(entry.held_out.has_value(), stops);
    check_writer();
    expect_finite(entry.applied);
    if (!stops) continue;
    if (writer_) writer_->finish();
    info("{}: saved step {} of {}; the same command goes on from there",
         signal == 0 ? "another rank was stopped" : strsignal(signal), state_.step, last_step_);
    return Outcome::kStopped;
  }
  if (writer_) writer_->finish();
  info("{}: {} steps, {} tokens", folder_.string(), state_.step,
       count_text(static_cast<double>(state_.tokens)));
  return Outcome::kComplete;
}

void Trainer::resume(const std::filesystem::path& checkpoint) {
  state_ = load_checkpoint(checkpoint, *subject_.parameters, subject_.frozen);
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
  held_out_ = std::make_unique<HeldOut>(config_, tokenizer_, stages_.front().micro_rows, *group_);
  if (!group_->first()) return;
  const auto yaml = to_yaml(resolved_);
  write_file_atomic(folder_ / "config.yaml", yaml);
  writer_ = std::make_unique<CheckpointWriter>(CheckpointOptions{
      .folder = folder_ / "checkpoints",
      .files = {{"config.yaml", yaml}, {"tokenizer.model", tokenizer_->model_bytes()}},
      .keep = config_.checkpoint.keep,
      .keep_every = config_.checkpoint.keep_every.value_or(0)});
  journal_ = std::make_unique<Journal>(folder_, state_.step, config_.log.every);
  journal_->set_languages(feed_->languages(),
                          held_out_->empty() ? std::vector<std::string>() : held_out_->languages());
  report_ = std::make_unique<Report>(folder_,
                                     describe_run(config_, stages_, subject_, launch_.world_size));
}

double Trainer::learning_rate(const Stage& stage) const {
  const Place place = {state_.step, state_.tokens, stage.step_tokens()};
  const bool in_tokens = lengths(config_.schedule).unit == "tokens";
  const auto horizon = in_tokens ? tokens_before(stages_, last_step_) : last_step_;
  return std::get<AdamWConfig>(config_.optimizer).lr *
         learning_rate_share(config_.schedule, place, horizon);
}

StepEntry Trainer::train_one_step() {
  const auto& stage = feed_->enter(state_.step, state_.loader);
  const auto waited = feed_->seconds_waited();
  const auto started = Clock::now();
  // Whatever draws random numbers in a step draws the same after a resume.
  torch::manual_seed(mix64(static_cast<uint64_t>(config_.run.seed),
                           static_cast<uint64_t>(state_.step), launch_.rank));
  const StepPlan plan = {
                         .micro_batches = stage.rows / launch_.world_size / stage.micro_rows,
                         .row_tokens = stage.sequence_length,
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
                     .order_hash = state_.order_hash};
  if (journal_ && peak_ > 0) entry.peak_share = flops / entry.seconds / peak_;
  if (journal_ && peak_ == 0) {  // after the first step, so that it starts at once
    peak_ = measure_matmul_peak(subject_.model->precision(), device_);
  }
  return entry;
}

void Trainer::evaluate(StepEntry& entry) {
  if (held_out_->empty()) return;
  const bool due = state_.step % config_.evaluate.every == 0 || state_.step == last_step_;
  if (due) entry.held_out = held_out_->run(subject_.loss(), device_);
}

void Trainer::save(StepEntry& entry) {
  saved_step_ = state_.step;
  if (!writer_) return;
  const auto started = Clock::now();
  const auto error = writer_->save(state_, *subject_.parameters, subject_.frozen);
  entry.save_seconds = seconds_since(started);
  if (error) warn("{}: training goes on, and the next save is tried", *error);
}

void Trainer::check_writer() {
  if (!writer_) return;
  if (const auto error = writer_->take_error()) {
    warn("{}: training goes on, and the next save is tried", *error);
  }
}

/// The page is for people: one that cannot be written is no reason to stop. Who stops a run does
/// not wait for new samples.
void Trainer::report(bool evaluated, bool stops) {
  const bool complete = state_.step == last_step_;
  if (!report_ || !(evaluated || stops || complete)) return;
  try {
    if (show_samples_ && !stops) {
      report_->samples() = {state_.step, show_samples_(subject_.model, tokenizer_)};
    }
    report_->about().take(feed_->report());
    report_->write();
  } catch (const DataError& error) {
    warn("{}: no new report.html; training goes on", error.what());
  }
}

void Trainer::expect_finite(bool applied) {
  skipped_in_a_row_ = applied ? 0 : skipped_in_a_row_ + 1;
  if (skipped_in_a_row_ < config_.train.max_skipped) return;
  throw Error(
      fmt::format("step {}: {} steps in a row with gradients that are not finite: lower "
                  "optimizer.lr, or begin from an earlier checkpoint",
                  state_.step, skipped_in_a_row_));
}

}  // namespace reka::train
