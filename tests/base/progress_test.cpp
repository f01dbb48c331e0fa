#include "reka/base/progress.h"

#include <vector>

#include "reka/base/quantity.h"
#include "tests/support/catch.h"

using namespace reka;

namespace {

/// A display with a clock that the test moves.
struct Screen {
  double now = 0;
  std::vector<std::string> lines, bars;

  ProgressDisplay display(bool terminal) {
    ProgressDisplay display;
    display.terminal = terminal;
    display.seconds = [this] { return now; };
    display.line = [this](std::string_view text) { lines.emplace_back(text); };
    display.bar = [this](std::string_view text) { bars.emplace_back(text); };
    return display;
  }
};

}  // namespace

TEST_CASE("progress: short work is silent", "[base][progress]") {
  Screen screen;
  {
    Progress progress("read", 10, "files", screen.display(false));
    screen.now = 1.9;
    progress.advance(10);
  }
  CHECK(screen.lines.empty());
}

TEST_CASE("progress: without a terminal a line every five seconds and one at the end",
          "[base][progress]") {
  Screen screen;
  Progress progress("read", 100, "files", screen.display(false));
  for (int n = 1; n <= 100; ++n) {
    screen.now = n / 10.0;
    progress.advance();
  }
  progress.finish();
  progress.finish();
  CHECK(screen.lines == std::vector<std::string>{"read:  20% 20 of 100 files, 10/s, 8.0 s left",
                                                 "read:  70% 70 of 100 files, 10/s, 3.0 s left",
                                                 "read: 100 files in 10 s, 10 files/s"});
}

TEST_CASE("progress: on a terminal a bar that goes away", "[base][progress]") {
  Screen screen;
  Progress progress("copy", 2'000'000, "bytes", screen.display(true));
  screen.now = 4;
  progress.advance(500'000);
  progress.finish();
  REQUIRE(screen.bars.size() == 2);
  CHECK(screen.bars[0].starts_with("copy ▕█"));
  CHECK(screen.bars[0].ends_with("▏  25% 500 kB of 2.00 MB, 125 kB/s, 12 s left"));
  CHECK(screen.bars[1].empty());
  CHECK(screen.lines == std::vector<std::string>{"copy: 500 kB in 4.0 s, 125 kB/s"});
}

TEST_CASE("progress: an unknown total shows what is done", "[base][progress]") {
  Screen screen;
  Progress progress("scan", 0, "files", screen.display(false));
  screen.now = 3;
  progress.advance(6);
  CHECK(screen.lines == std::vector<std::string>{"scan: 6 files, 2 files/s"});
}

TEST_CASE("progress: a second figure stands behind the first, also while that does not move",
          "[base][progress]") {
  Screen screen;
  Progress progress("read", 2, "files", screen.display(false));
  int documents = 0;
  progress.also([&] { return std::to_string(++documents) + " documents"; });
  screen.now = 4;
  progress.advance(0);
  CHECK(screen.lines ==
        std::vector<std::string>{"read:   0% 0 of 2 files, 0/s, ? left, 1 documents"});
}

TEST_CASE("quantity: figures have three digits", "[base][quantity]") {
  CHECK(count_text(0) == "0");
  CHECK(count_text(987) == "987");
  CHECK(count_text(1.5) == "1.50");
  CHECK(count_text(999.9) == "1.00k");
  CHECK(count_text(12345) == "12.3k");
  CHECK(count_text(7'078'177'920) == "7.08B");
  CHECK(count_text(-1234) == "-1.23k");
  CHECK(bytes_text(999'999) == "1.00 MB");
  CHECK(percent_text(0.1234) == "12.3 %");
  CHECK(percent_text(0.00012, 2) == "0.01 %");
  CHECK(seconds_text(0.25) == "0.2 s");
  CHECK(seconds_text(9.96) == "10 s");
  CHECK(seconds_text(187) == "3:07");
  CHECK(seconds_text(7387) == "2:03:07");
  CHECK(seconds_text(3 * 86400 + 4 * 3600) == "3 d 4:00");
}
