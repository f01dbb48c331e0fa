#include "reka/base/page.h"

#include <cmath>
#include <cstdlib>

#include "reka/base/axis.h"
#include "reka/base/base64.h"
#include "reka/base/files.h"
#include "reka/base/random.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace reka;
using reka::testing::TempFolder;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::vector<std::string> tick_texts(const Axis& axis) {
  std::vector<std::string> texts;
  for (const auto tick : axis.ticks()) texts.push_back(axis.text(tick));
  return texts;
}

using Texts = std::vector<std::string>;

/// A page with everything on it.
Page full_page() {
  Page page("Quickstart <nano>", "two ranks & one page");
  page.cards({{"held-out loss", "2.31", "bits per byte"}, {"tokens/s", "12.3k", "of 14k"}});
  page.heading("Loss");
  Series raw{"train", {}, {}, true}, smooth{"train", {}, {}}, held{"held out", {}, {}};
  double mean = 0;
  for (int step = 1; step <= 5000; ++step) {
    const auto loss = 2 + 6 / std::sqrt(step) + 0.5 * (uniform(mix64(1, step)) - 0.5);
    mean = step == 1 ? loss : 0.98 * mean + 0.02 * loss;
    raw.x.push_back(step);
    raw.y.push_back(loss);
    smooth.x.push_back(step);
    smooth.y.push_back(mean);
    if (step % 500 != 0) continue;
    held.x.push_back(step);
    held.y.push_back(mean + 0.3);
    held.low.push_back(mean + 0.1);
    held.high.push_back(mean + 0.5);
  }
  page.chart(LineChart{"Loss", "step", "nats per token", {raw, smooth, held}});
  page.chart(LineChart{"Loss, logarithmic", "step", "nats per token", {smooth}, true, true});
  page.heading("Tasks");
  page.chart(BarChart{"Choosing the caption among 8",
                      "%",
                      {"held out", "shuffled"},
                      {{"emoji", {31.5, 12.1}, {28, 9}, {35, 15}},
                       {"spoken letters", {22, std::nan("")}, {15, 0}, {29, 0}},
                       {"العربية", {14, 12}, {}, {}}},
                      12.5,
                      "chance"});
  page.table({{"language", "documents", "text"},
              {{"en", "1.23k", "a <b>"}, {"ar", "-", "مرحبا"}, {"ja", "45", "こんにちは"}},
              "by language"});
  page.heading("Samples");
  const std::string pixel(*base64_decode(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5"
      "ErkJggg=="));
  page.figures({{"image/png", pixel, "a red \"dot\"", {{"model", "a dot"}, {"truth", "dot"}}, 96},
                {"audio/wav", "RIFF", "a sound", {}},
                {"video/mp4", "x", "a clip", {}}});
  page.begin_details("configuration");
  page.source("run:\n  seed: 1");
  page.end_details();
  page.note("the end");
  return page;
}

}  // namespace

TEST_CASE("page: text is escaped everywhere", "[base][page]") {
  CHECK(escape_html("<a href=\"x\">&'\x01\xff") ==
        "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\xef\xbf\xbd");
  const std::string evil = "<script>&\"'";
  Page page(evil, evil);
  page.heading(evil);
  page.heading(evil);
  page.subheading(evil);
  page.paragraph(evil);
  page.note(evil);
  page.source(evil);
  page.cards({{evil, evil, evil}});
  page.table({{evil}, {{evil}}, evil});
  page.chart(LineChart{evil, evil, evil, {{evil, {1, 2}, {3, 4}}, {evil + "2", {1}, {2}}}});
  page.chart(LineChart{evil, evil, evil, {}});
  page.chart(BarChart{evil, evil, {evil, evil}, {{evil, {1, 2}}}, 1, evil});
  page.figures({{"image/" + evil, evil, evil, {{evil, evil}}}});
  page.begin_details(evil);
  page.end_details();
  const auto html = page.html();
  CHECK_FALSE(holds(html, "<script>"));
  CHECK_FALSE(holds(html, "\"'"));
  CHECK(count(html, "&lt;script&gt;") > 25);
}

TEST_CASE("page: the page stands alone and is well-formed", "[base][page]") {
  const auto html = full_page().html();
  for (const auto* outside : {"http:", "https:", "<script", "<link", "@import"})
    CHECK_FALSE(holds(html, outside));
  CHECK(holds(html, "prefers-color-scheme:dark"));
  CHECK(holds(html, "<nav><a href=\"#s1\">Loss</a>"));
  for (const std::string tag : {"div", "figure", "svg", "table", "details", "dl", "p", "section"})
    CHECK(count(html, "<" + tag + ">") + count(html, "<" + tag + " ") ==
          count(html, "</" + tag + ">"));
  if (const auto* keep = std::getenv("REKA_TEST_PAGE")) full_page().save(keep);  // to look at it
}

TEST_CASE("page: lines break at values that cannot be shown", "[base][page]") {
  const double nan = std::nan("");
  const auto lines = [](const LineChart& chart) {
    return count(chart_html(chart), "class=\"line");
  };
  LineChart chart{"t", "x", "y", {{"a", {1, 2, 3, 4, 5}, {1, 2, nan, 4, 5}}}};
  CHECK(lines(chart) == 2);
  chart.series[0].y = {1, nan, 3, 4, 0};
  chart.log_y = true;
  CHECK(lines(chart) == 1);
  CHECK(count(chart_html(chart), "class=\"point") == 1);
  chart.series[0].y = {nan, nan, nan, nan, -1};
  CHECK(holds(chart_html(chart), "no values yet"));
}

TEST_CASE("page: a long line is thinned but keeps its spikes", "[base][page]") {
  LineChart chart{"t", "x", "y", {{"a", {}, {}}}};
  for (int n = 0; n < 100000; ++n) {
    chart.series[0].x.push_back(n);
    chart.series[0].y.push_back(n == 54321 ? 100 : 1);
  }
  const auto html = chart_html(chart);
  CHECK(html.size() < 60000);
  CHECK(holds(html, " 12.0L"));  // the top of the plot
}

TEST_CASE("page: numbers stand to the right", "[base][page]") {
  Page page("t");
  page.table(
      {{"name", "count", "mixed"}, {{"a", "1.5k", "1"}, {"b", "-", "two"}, {"c", "12 %", "3"}}});
  const auto html = page.html();
  CHECK(holds(html,
              "<th dir=\"auto\">name</th><th class=\"n\">count</th><th dir=\"auto\">mixed</th>"));
}

TEST_CASE("axis: ticks are round and cover the values", "[base][page]") {
  CHECK(tick_texts(Axis(0, 10, false, true)) == Texts{"0", "2", "4", "6", "8", "10"});
  CHECK(tick_texts(Axis(0.13, 0.97, false, true)) == Texts{"0", "0.2", "0.4", "0.6", "0.8", "1.0"});
  CHECK(tick_texts(Axis(1, 5000, false, false)) == Texts{"1000", "2000", "3000", "4000", "5000"});
  CHECK(tick_texts(Axis(0, 2e6, false, false)) == Texts{"0", "0.5M", "1.0M", "1.5M", "2.0M"});
  CHECK(tick_texts(Axis(1e-5, 1, true, true)) ==
        Texts{"1e-05", "0.0001", "0.001", "0.01", "0.1", "1"});
  CHECK(tick_texts(Axis(2, 9, true, true)) == Texts{"2", "3", "4", "5", "6", "7", "8", "9"});
  CHECK(tick_texts(Axis(2, 90, true, false)) == Texts{"2", "5", "10", "20", "50"});
  const Axis one(3, 3, false, true);
  CHECK(one.place(3) == Approx(0.5));
  CHECK(Axis(1, 100, true, false).place(10) == Approx(0.5));
  for (const bool log : {false, true}) {  // a mean of equal values differs from them by rounding
    const Axis rounded(0.1, std::nextafter(0.1, 1), log, true);
    CHECK(rounded.ticks().size() < 20);
    CHECK(rounded.place(0.1) == Approx(0.5));
  }
  CHECK(Axis(-1, 1, false, true).text(0) == "0");
}

TEST_CASE("base64: the vectors of RFC 4648, both ways", "[base][base64]") {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"},
                                                                    {"\xff\xfe", "//4="}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(base64_encode(as_bytes(bytes)) == text);
    CHECK(base64_decode(text) == bytes);
  }
  CHECK(base64_decode("Zm9v\r\nYg") == "foob");
  for (const std::string bad : {"Z", "Zm9v=", "Zg=a", "Z!==", "====", "Zg==="})
    CHECK_FALSE(base64_decode(bad).has_value());
}
