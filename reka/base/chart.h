#pragma once

#include <optional>
#include <string>
#include <vector>

namespace reka {

/// Points in the order of x. Values that are not finite (on a log axis: not positive) break the
/// line. A faint series is drawn thin, behind the others and outside the legend (the raw values of
/// a smoothed curve, which then bear the same `name` and colour).
struct Series {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
  bool faint = false;
  std::vector<double> low;  // with high: a band around the line, as long as y or empty
  std::vector<double> high;
};

struct LineChart {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<Series> series;
  bool log_x = false;
  bool log_y = false;
  bool narrow = false;  // half as wide, to stand beside another
};

/// Horizontal bars in groups; `values` has one number for each of the chart's series.
struct Bar {
  std::string label;
  std::vector<double> values;
  std::vector<double> low;  // with high: an interval for each value, or empty
  std::vector<double> high;
};

struct BarChart {
  std::string title;
  std::string unit;                 // behind the values: "%", " tokens"
  std::vector<std::string> series;  // names for the legend; one or none: no legend
  std::vector<Bar> bars;
  std::optional<double> reference;  // a line across all bars, such as chance
  std::string reference_label;
};

/// HTML fragments that rely on the style sheet of Page; used through Page.
std::string chart_html(const LineChart& chart);
std::string chart_html(const BarChart& chart);

}  // namespace reka
