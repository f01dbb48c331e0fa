#include "train/step.h"

#include "tests/train/ranks.h"
#include "tests/train/tiny.h"

using namespace reka;
using namespace reka::testing;
using train::LossTable;

TEST_CASE("step: the loss falls on rows that are seen again", "[train][step]") {
  for (const auto precision : {at::kFloat, at::kBFloat16}) {
    TinyRun run({.precision = precision});
    const auto first = run.step(0).losses.all().mean();
    for (int i = 0; i < 30; ++i) run.step(0);
    auto last = run.step(0);
    CHECK(first == Approx(std::log(kTinyVocab)).margin(0.2));
    CHECK(last.losses.all().mean() < 0.8 * first);
    CHECK(last.applied);
  }
}

namespace {

/// Adam divides tiny gradients by tiny roots: without a larger eps it would show their rounding.
const train::AdamWConfig kSteady = {.lr = 0.01, .eps = 1e-4};

}  // namespace

TEST_CASE("step: accumulation over 1, 2, 4 or 8 micro-batches gives the same weights",
          "[train][step]") {
  TinyRun whole({.optimizer = kSteady});
  for (int64_t number = 0; number < 3; ++number) whole.step(number);
  for (const int64_t micro_batches : {2, 4, 8}) {
    TinyRun cut({.optimizer = kSteady});
    for (int64_t number = 0; number < 3; ++number) {
      auto result = cut.step(number, micro_batches);
      CHECK(result.losses.all().weight == 8 * (kTinyRow - 2));
    }
    INFO(micro_batches << " micro-batches");
    CHECK(weight_difference(whole, cut) < 1e-6);
  }
}

TEST_CASE("step: two ranks over Gloo give the weights, losses and order of one", "[train][step]") {
  TinyRun one({.optimizer = kSteady});
  std::vector<double> losses;
  std::vector<uint64_t> orders;
  for (int64_t number = 0; number < 3; ++number) {
    auto result = one.step(number, 2);
    losses.push_back(result.losses.all().mean());
    orders.push_back(result.order_hash);
  }
  std::mutex building;  // the seed of the weights is the process's
  on_ranks(2, [&](Group& group) {
    std::unique_ptr<TinyRun> run;
    {
      const std::lock_guard lock(building);
      run = std::make_unique<TinyRun>(TinyOptions{.optimizer = kSteady, .group = &group});
    }
    for (int64_t number = 0; number < 3; ++number) {
      auto result = run->step(number, 2);
      const bool same = std::abs(result.losses.all().mean() - losses[number]) < 1e-6 &&
                        result.order_hash == orders[number];
      if (!same) throw std::runtime_error("another loss or order");
    }
    if (const auto difference = weight_difference(one, *run); difference > 1e-6) {
      throw std::runtime_error(fmt::format("weights differ by {}", difference));
    }
  });
  SUCCEED("no rank threw");
}

TEST_CASE("step: however rows are dealt to ranks, losses, weights and order are those of one",
          "[train][step]") {
  TinyRun one({.optimizer = kSteady});
  auto expected = one.step(0);
  const auto loss = expected.losses.all().mean();
  const std::vector<std::vector<int64_t>> dealt = {{0, 1, 2, 5}, {3, 4, 6, 7}};
  std::mutex building;
  on_ranks(2, [&](Group& group) {
    std::unique_ptr<TinyRun> run;
    {
      const std::lock_guard lock(building);
      run = std::make_unique<TinyRun>(TinyOptions{.optimizer = kSteady, .group = &group});
    }
    const train::StepPlan plan = {
        .micro_batches = 2, .row_tokens = kTinyRow, .rows = 8, .lr = run->lr, .clip = 1};
    const auto& mine = dealt[static_cast<size_t>(group.rank())];
    size_t micro = 0;
    auto result = run->stepper.run(plan, 2, [&] {
      const std::vector<int64_t> rows = {mine[2 * micro], mine[2 * micro + 1]};
      ++micro;
      auto batch = tiny_batch(rows);
      batch.quarantined = group.rank() + 1;
      return batch;
    });
    if (result.order_hash != expected.order_hash) throw std::runtime_error("another order");
    if (result.quarantined != 2 * (1 + 2)) throw std::runtime_error("another number of damaged");
    if (std::abs(result.losses.all().mean() - loss) > 1e-6)
      throw std::runtime_error("another loss");
    if (weight_difference(one, *run) > 1e-6) throw std::runtime_error("other weights");
  });
  SUCCEED("no rank threw");
}

TEST_CASE("step: the loss of a row does not depend on what is packed beside it", "[train][step]") {
  TinyRun run;
  const at::NoGradGuard no_grad;
  LossTable together(2), apart(2);
  const auto batch = tiny_batch({5, 6, 7});
  together.add(batch, run.loss(batch).losses);
  for (const int64_t row : {5, 6, 7}) {
    const auto single = tiny_batch({row});
    apart.add(single, run.loss(single).losses);
  }
  check_close(together.sums(), apart.sums(), 1e-5);
  CHECK(together.language(0).weight + together.language(1).weight == together.all().weight);
  CHECK(together.all().bits_per_byte() ==
        Approx(together.all().nats / std::log(2) / together.all().bytes));
}

TEST_CASE("step: clipping scales the gradient to the norm that is allowed", "[train][step]") {
  // With eps far above the gradients the first update is proportional to the gradient.
  const auto update_norm = [](double clip) {
    TinyRun run({.optimizer = {.lr = 1, .eps = 1e3, .weight_decay = 0}});
    const TinyRun before;
    const auto norm = run.step(0, 1, clip).gradient_norm;
    double sum = 0;
    for (size_t i = 0; i < run.parameters.groups().size(); ++i) {
      sum += (run.parameters.groups()[i].weight - before.parameters.groups()[i].weight)
                 .square()
                 .sum()
                 .item<double>();
    }
    return std::pair{std::sqrt(sum), norm};
  };
  const auto [free_update, norm] = update_norm(0);
  const auto [clipped_update, same_norm] = update_norm(norm / 4);
  CHECK(norm == Approx(same_norm));
  CHECK(clipped_update == Approx(free_update / 4).epsilon(0.01));
  CHECK(update_norm(norm * 4).first == Approx(free_update));
}

TEST_CASE("step: gradients that are not finite on one rank leave all ranks' weights",
          "[train][step]") {
  const TinyRun untouched;
  std::mutex building;
  on_ranks(2, [&](Group& group) {
    std::unique_ptr<TinyRun> run;
    {
      const std::lock_guard lock(building);
      run = std::make_unique<TinyRun>(TinyOptions{.group = &group});
    }
    if (group.rank() == 1) {
      run->parameters.groups()[0].gradient[3] = std::numeric_limits<float>::quiet_NaN();
    }
    const auto result = run->step(0);
    for (size_t i = 0; i < run->parameters.groups().size(); ++i) {
      const auto& now = run->parameters.groups()[i];
      if (!torch::equal(now.weight, untouched.parameters.groups()[i].weight)) {
        throw std::runtime_error("weights changed");
      }
      if (now.gradient.abs().sum().item<float>() != 0) throw std::runtime_error("not zeroed");
    }
    if (result.applied || run->optimizer.updates() != 0) throw std::runtime_error("applied");
  });
  SUCCEED("no rank threw");
}

TEST_CASE("step: a batch without targets is skipped", "[train][step]") {
  const TinyRun untouched;
  TinyRun run;
  const train::StepPlan plan = {.row_tokens = kTinyRow, .rows = 1, .lr = 0.01};
  auto batch = tiny_batch({0});
  batch.target_weight.zero_();
  batch.weight = 0;
  auto result = run.stepper.run(plan, 2, [&] { return batch; });
  CHECK_FALSE(result.applied);
  CHECK(result.losses.all().weight == 0);
  CHECK(std::isnan(result.losses.all().mean()));
  CHECK(run.optimizer.updates() == 0);
  CHECK(torch::equal(run.parameters.groups()[0].weight, untouched.parameters.groups()[0].weight));
  CHECK(run.step(0).applied);
}

TEST_CASE("step: rows that use no trained parameter give no gradient", "[train][step]") {
  TinyRun run;
  const auto trained = at::ones({1}).requires_grad_();
  train::FlatParameters parameters({{"trained", trained}});
  train::AdamW optimizer({.lr = 1, .weight_decay = 0}, parameters);
  int64_t micro = 0;
  train::Stepper stepper(
      [&](const Batch& batch) {
        auto loss = run.loss(batch);
        loss.sum = loss.sum.detach();
        if (++micro == 2) loss.sum = loss.sum * trained.sum();  // text first, then a picture
        return loss;
      },
      at::kCPU, parameters, optimizer, run.group);
  const train::StepPlan plan = {.micro_batches = 2, .row_tokens = kTinyRow, .rows = 2, .lr = 0.5};
  auto result = stepper.run(plan, 2, [&] { return tiny_batch({micro}); });
  CHECK(result.applied);
  CHECK(result.losses.all().weight == 2 * (kTinyRow - 2));
  CHECK(trained.item<float>() == Approx(0.5));
}

TEST_CASE("step: documents of unknown bytes have no part in bits per byte", "[train][step]") {
  TinyRun run;
  const at::NoGradGuard no_grad;
  auto batch = tiny_batch({5});
  batch.documents[1].text_bytes = 0;  // spans with sentinels are no measure of text
  LossTable table(2);
  table.add(batch, run.loss(batch).losses);
  CHECK(table.all().bits_per_byte() == table.language(0).bits_per_byte());
  CHECK(table.all().nats > table.language(0).nats);
  CHECK(table.language(1).bits_per_byte() == 0);
  CHECK_THROWS_WITH(table.language(3), Catch::Matchers::Contains("loss table: group"));
}

TEST_CASE("step: recomputed blocks give the same gradients", "[train][step]") {
  TinyRun kept;
  TinyRun recomputed({.recompute = true});
  kept.step(0);
  recomputed.step(0);
  CHECK(weight_difference(kept, recomputed) == 0);
}
