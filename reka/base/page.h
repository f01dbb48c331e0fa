#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reka/base/chart.h"

namespace reka {

/// One figure at the top of a page: "loss", "2.31", "held out, bits per byte".
struct Card {
  std::string label;
  std::string value;
  std::string detail;
};

/// Columns whose cells all look like numbers are set to the right.
struct PageTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::string caption;
};

/// A picture, sound or clip with what is said about it.
struct Figure {
  std::string media_type;  // "image/png", "audio/ogg", "video/mp4"; empty: text alone
  std::string bytes;       // in that encoding
  std::string caption;
  std::vector<std::pair<std::string, std::string>> lines;  // label and text, below the caption
  int width = 0;                                           // pixels on the page; 0: as it comes
};

/// One self-contained HTML page: no script, nothing from the net, light and dark. All text is plain
/// text and is escaped here. Parts stand in the order of the calls.
///
///   Page page("quickstart", "nano, 2 ranks");
///   page.heading("Loss");
///   page.chart(LineChart{...});
///   page.save(run / "report.html");
class Page {
 public:
  explicit Page(std::string title, std::string subtitle = {});

  void heading(
      std::string_view text);  // a section; with three or more the page has a contents line
  void subheading(std::string_view text);
  void paragraph(std::string_view text);
  void note(std::string_view text);    // small and grey
  void source(std::string_view text);  // monospaced, as it is: YAML, a command, ids
  void cards(const std::vector<Card>& cards);
  void table(const PageTable& table);
  void chart(const LineChart& chart);
  void chart(const BarChart& chart);
  void charts(std::vector<LineChart> charts);        // narrow, side by side
  void figures(const std::vector<Figure>& figures);  // side by side, as many as fit

  /// What is added between the two is hidden until the reader opens it.
  void begin_details(std::string_view summary);
  void end_details();

  std::string html() const;
  void save(const std::filesystem::path& path) const;  // atomically

 private:
  std::string title_, subtitle_, body_;
  std::vector<std::string> sections_;
};

/// Text as it may stand in HTML, also between quotes; bytes that are no UTF-8 become U+FFFD.
std::string escape_html(std::string_view text);

}  // namespace reka
