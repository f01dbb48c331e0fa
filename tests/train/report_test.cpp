#include "train/telemetry/report.h"

#include <cmath>
#include <fstream>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/support/temp_folder.h"
#include "tests/support/testing.h"
#include "tests/train/ranks.h"
#include "train/telemetry/step_log.h"

using namespace reka;
using namespace reka::train;
using reka::testing::TempFolder;

namespace {

Json losses(double loss, double bits, double targets) {
  return {{"loss", loss}, {"targets", targets}, {"bits_per_byte", bits}};
}

Json held_out(double loss, double bits) {
  auto json = losses(loss, bits, 300);
  json["by_modality"] = {{"text", losses(loss, bits, 200)}, {"image", losses(loss + 1, 0.5, 100)}};
  json["by_language"] = {{"de", losses(loss, 2.125, 90)}, {"el", losses(loss, 3.375, 110)}};
  return json;
}

Json step_entry(int64_t step) {
  auto json = losses(10.0 - 0.5 * static_cast<double>(step), 4, 900);
  json.update({{"step", step},
               {"lr", 1e-3},
               {"grad_norm", 2.0},
               {"tokens", 1000 * step},
               {"padding", 50},
               {"seconds", 2.0},
               {"data_seconds", 0.5},
               {"tokens_per_second", 500},
               {"peak_share", 0.42},
               {"memory_bytes", 1500000000}});
  return json;
}

About small_about() {
  return {.name = "small",
          .last_step = 6,
          .parameters = {{"decoder", 3000000}, {"image", 1000000}},
          .environment = {{"precision", "fp32"}},
          .stages = {"train"},
          .sources = {{.name = "help",
                       .licence = "CC-BY-SA-3.0",
                       .weights = {3},
                       .documents = {700, 20, 10},
                       .tokens = 123456},
                      {.name = "emoji", .weights = {1}}},
          .rows_per_epoch = 77,
          .num_refused = 1,
          .refused = {{"help/long", "4321 tokens"}}};
}

/// A run of four steps, evaluated after the second and the fourth.
void write_run(const TempFolder& folder) {
  StepLog log(folder.path() / "log.jsonl", 0);
  for (int64_t step = 1; step <= 4; ++step) {
    auto entry = step_entry(step);
    if (step % 2 == 0) entry["held_out"] = held_out(8.5, 3.75);
    log.write(entry);
  }
  folder.write("config.yaml", "run: {name: small}  # <config>\n");
  folder.write("about.json", dump_json(small_about().to_json()));
}

}  // namespace

TEST_CASE("report: the page has the numbers of the log", "[train][report]") {
  const TempFolder folder;
  write_run(folder);
  const Figure figure = {.media_type = "image/png", .bytes = "png", .caption = "emoji, de"};
  const auto html = read_file(rewrite_report(folder.path(), {.step = 4, .figures = {figure}}));
  const auto has = [&](const std::string& text) {
    INFO(text);
    CHECK(html.find(text) != std::string::npos);
  };
  const auto card = [&](const std::string& label, const std::string& value,
                        const std::string& detail) {
    has("<div class=\"k\">" + label + "</div><div class=\"v\">" + value +
        "</div><div class=\"d\">" + detail + "</div>");
  };
  card("training loss", "8.750", "mean of the last 4 steps");
  card("held out", "3.750", "bits per byte, step 4");
  card("steps", "4", "of 6");
  card("tokens", "4.00k", "5.0 % padding");
  card("time in steps", "8.0 s", "2.0 s each, median");
  card("speed", "500", "tokens/s, median");
  card("of the matmul peak", "42 %", "median");
  card("waited for data", "25.0 %", "of the time");
  card("peak memory", "1.50 GB", "");
  card("parameters", "4.00M", "decoder 3.00M, image 1.00M");
  has("<td dir=\"auto\">el</td><td class=\"n\">3.375</td>");  // the larger language first
  has("<td dir=\"auto\">help</td><td dir=\"auto\">CC-BY-SA-3.0</td><td class=\"n\">75.0 %</td>");
  has("<td class=\"n\">700</td><td class=\"n\">20</td><td class=\"n\">10</td>");
  has("help/long");
  has("Two mixtures");  // of the two curves in one picture
  has("data:image/png;base64,");
  has("# &lt;config&gt;");
  CHECK(html.find("el</td>") < html.find("de</td>"));
}

TEST_CASE("report: a folder that is no run is named in one line", "[train][report]") {
  const TempFolder folder;
  CHECK_THROWS_WITH(
      rewrite_report(folder.path(), {}),
      folder.path().string() + ": has no log.jsonl: must be the folder of a training run");
}

TEST_CASE("report: a run without about.json or steps still has a page", "[train][report]") {
  const TempFolder folder;
  folder.write("log.jsonl", "");
  folder.write("config.yaml", "run: {}\n");
  const auto html = read_file(rewrite_report(folder.path(), {}));
  CHECK(html.find("No step is done yet.") != std::string::npos);
}

TEST_CASE("history: lines that were added are taken once", "[train][report]") {
  const TempFolder folder;
  const auto path = folder.path() / "log.jsonl";
  StepLog log(path, 0);
  History history(path);
  history.follow();
  CHECK(history.empty());
  log.write(step_entry(1));
  history.follow();
  log.write({{"step", 2}, {"loss", nullptr}, {"skipped", true}});
  std::ofstream(path, std::ios::app) << "{\"step\": 3, \"lo";  // not yet whole
  history.follow();
  history.follow();
  CHECK(history.column("step") == std::vector<double>{1, 2});
  CHECK(history.column("loss")[0] == 9.5);
  CHECK(std::isnan(history.column("loss")[1]));
  CHECK(history.skipped() == 1);
}

TEST_CASE("history: the smoothed curve is a weighted mean from its first value on",
          "[train][report]") {
  const auto nan = std::nan("");
  const auto mean = smoothed({4, nan, 2}, 3);  // each step weighs half of the next
  CHECK(mean[0] == 4);
  CHECK(std::isnan(mean[1]));
  CHECK(mean[2] == Approx((0.5 * 4 + 2) / 1.5));
  CHECK(smoothed({4, 2}, 1) == std::vector<double>{4, 2});
  CHECK(median_of({3, nan, 1, 2}) == 2);
  CHECK(median_of({4, 1, 3, 2}) == 2.5);
  CHECK(recent_mean({9, 1, nan, 3}, 2) == 2);
}

TEST_CASE("about: reads back as it was written", "[train][report]") {
  const auto json = small_about().to_json();
  CHECK(About::from_json(json, "about.json").to_json() == json);
  CHECK_THROWS_AS(About::from_json(Json::object(), "about.json"), DataError);
}

TEST_CASE("about: what was left out adds up over stages, ranks and resumes", "[train][report]") {
  auto about = small_about();
  about.take(
      data::LoaderReport{.rows_per_epoch = 5,
                         .num_refused = 3,
                         .refused = {{"help/long", "4321 tokens"}, {"help/longer", "5000 tokens"}},
                         .quarantined = {{"emoji/1", "no picture"}}});
  about.take(data::LoaderReport{
      .rows_per_epoch = 7, .num_refused = 2, .quarantined = {{"emoji/2", "no picture"}}});
  CHECK(about.rows_per_epoch == 7);
  CHECK(about.num_refused == 3);
  CHECK(about.refused.size() == 2);
  CHECK(about.quarantined.size() == 2);
  const TempFolder folder;
  folder.write("about.json", dump_json(about.to_json()));
  auto resumed = small_about();
  resumed.take(About::load(folder.path()));
  CHECK(resumed.num_refused == 3);
  CHECK(resumed.refused == about.refused);
  CHECK(resumed.quarantined == about.quarantined);
  folder.write("about.json", "half of");
  CHECK(About::load(folder.path()).quarantined.empty());
  reka::testing::on_ranks(2, [](Group& group) {
    const auto all = gathered(group, {.quarantined = {{group.first() ? "a" : "longer", "why"}}});
    if (all.quarantined.size() != 2 || all.quarantined[1].document != "longer") {
      throw std::runtime_error("not gathered");
    }
  });
}
