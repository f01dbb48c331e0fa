#include <filesystem>
#include <fstream>

#include "reka/base/files.h"
#include "tests/support/temp_folder.h"
#include "tests/support/testing.h"
#include "train/telemetry/journal.h"
#include "train/telemetry/step_log.h"
#include "train/telemetry/tensorboard.h"

using namespace reka::train;
using reka::Json;

TEST_CASE("tensorboard: CRC-32C has its published value", "[train][telemetry]") {
  CHECK(crc32c("123456789") == 0xe3069283);  // RFC 3720, B.4 uses the same polynomial
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(masked_crc32c("") == 0xa282ead8);
}

TEST_CASE("tensorboard: every frame's length and checksums fit", "[train][telemetry]") {
  const reka::testing::TempFolder folder;
  {
    EventWriter writer(folder.path(), 7);
    writer.scalar("loss/train", 7, 2.5);
    writer.flush();
  }
  const auto file = *std::filesystem::directory_iterator(folder.path());
  CHECK(file.path().filename().string().starts_with("events.out.tfevents."));
  const auto bytes = reka::read_file(file.path());
  const auto number = [&](size_t at, size_t size) {
    uint64_t value = 0;
    std::memcpy(&value, bytes.data() + at, size);
    return value;
  };
  std::vector<std::string> events;
  for (size_t at = 0; at < bytes.size();) {
    const auto length = number(at, 8);
    CHECK(number(at + 8, 4) == masked_crc32c(bytes.substr(at, 8)));
    events.push_back(bytes.substr(at + 12, length));
    CHECK(number(at + 12 + length, 4) == masked_crc32c(events.back()));
    at += 16 + length;
  }
  REQUIRE(events.size() == 3);
  CHECK(events[0].find("brain.Event:2") != std::string::npos);
  CHECK(events[1].ends_with(std::string("\x3a\x02\x08\x01", 4)));  // session_log {status: START}
  CHECK(events[2].find("loss/train") != std::string::npos);
}

TEST_CASE("tensorboard: a run that begins anew hides the events of the one before",
          "[train][telemetry]") {
  const reka::testing::TempFolder folder;
  { const Journal journal(folder.path(), 0, 1); }
  const auto file = *std::filesystem::directory_iterator(folder.path() / "events");
  // Event: 2 step = 1, 7 session_log {status: START}
  CHECK(reka::read_file(file.path()).find(std::string("\x10\x01\x3a\x02\x08\x01", 6)) !=
        std::string::npos);
}

TEST_CASE("step log: a resumed run's log has each step once", "[train][telemetry]") {
  const reka::testing::TempFolder folder;
  const auto path = folder.path() / "log.jsonl";
  {
    StepLog log(path, 0);
    for (int step = 1; step <= 5; ++step) log.write({{"step", step}, {"loss", 1.0 / step}});
  }
  std::ofstream(path, std::ios::app) << "{\"step\": 6, \"lo";  // killed while writing
  {
    StepLog log(path, 3);
    CHECK(log.missing().empty());
    log.write({{"step", 4}, {"loss", 9.0}});
  }
  const auto entries = read_step_log(path);
  REQUIRE(entries.size() == 4);
  CHECK(entries[2].at("step") == 3);
  CHECK(entries[3].at("loss") == 9.0);
  StepLog from_the_start(path, 0);
  CHECK(read_step_log(path).empty());
}

TEST_CASE("step log: steps that were cut out are named", "[train][telemetry]") {
  const reka::testing::TempFolder folder;
  const auto path = folder.path() / "log.jsonl";
  const auto missing = [&](const std::string& lines, int64_t last_step) {
    if (!lines.empty()) folder.write("log.jsonl", lines);
    return StepLog(path, last_step).missing();
  };
  using Steps = std::vector<std::string>;
  CHECK(missing("", 0).empty());
  CHECK(missing("", 4) == Steps{"1 to 4"});
  CHECK(missing("{\"step\": 1}\n{\"step\": 2}\n", 2).empty());
  CHECK(missing("{\"step\": 2}\n{\"step\": 3}\n{\"step\": 6}\n", 9) ==
        Steps{"1", "4 to 5", "7 to 9"});
  CHECK(missing("{\"step\": 1}\nhalf of\n{\"step\": 3}\n", 3) == Steps{"2"});
}

TEST_CASE("step log: damaged lines are taken out, and the file as it was is kept",
          "[train][telemetry]") {
  const reka::testing::TempFolder folder;
  for (const auto* line : {"half of", "[]", "{\"step\": \"2\"}", "{\"step\": 2, \"held_out\": 3}",
                           "{\"step\": 1, \"loss\": 9}"}) {
    const auto before = fmt::format("{{\"step\":1}}\n{}\n{{\"step\":3}}\n{{\"step\":4}}\n", line);
    const auto path = folder.write("log.jsonl", before);
    CHECK(StepLog(path, 3).missing() == std::vector<std::string>{"2"});
    CHECK(reka::read_file(path) == "{\"step\":1}\n{\"step\":3}\n");
    CHECK(reka::read_file(folder.path() / "log.jsonl.damaged") == before);
  }
}

TEST_CASE("step log: who reads it leaves out damaged lines", "[train][telemetry]") {
  const reka::testing::TempFolder folder;
  const auto path = folder.write("log.jsonl", "{\"step\":1}\nhalf of\n[]\n{\"step\":4}\n{\"st");
  std::vector<int64_t> steps;
  const auto end = visit_step_log(
      path, 0, [&](const Json& entry) { steps.push_back(entry["step"].get<int64_t>()); });
  CHECK(steps == std::vector<int64_t>{1, 4});
  CHECK(end == std::filesystem::file_size(path) - 4);
}

TEST_CASE("step log: the last line takes more keys, or is made of them", "[train][telemetry]") {
  const reka::testing::TempFolder folder;
  const auto path = folder.path() / "log.jsonl";
  StepLog log(path, 0);
  for (int step = 1; step <= 2; ++step) log.write({{"step", step}, {"loss", 2.5}});
  log.amend({{"step", 2}, {"held_out", {{"loss", 4}}}});
  log.amend({{"step", 3}, {"held_out", {{"loss", 5}}}});
  const auto entries = read_step_log(path);
  REQUIRE(entries.size() == 3);
  CHECK(entries[0] == Json{{"step", 1}, {"loss", 2.5}});
  CHECK(entries[1] == Json{{"step", 2}, {"loss", 2.5}, {"held_out", {{"loss", 4}}}});
  CHECK(entries[2] == Json{{"step", 3}, {"loss", nullptr}, {"held_out", {{"loss", 5}}}});
}

TEST_CASE("journal: a held-out line says the unit of each number", "[train][telemetry]") {
  const Json losses = {{"loss", 4.6},
                       {"bits_per_byte", 3.5},
                       {"by_modality", {{"text", {{"loss", 4.5}}}, {"image", {{"loss", 5.0}}}}}};
  CHECK(held_out_line(losses) ==
        "held out: 4.6000 nats per token (text 4.5000, image 5.0000); 3.500 bits per byte");
}
