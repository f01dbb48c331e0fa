#include "reka/base/chart.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include "reka/base/axis.h"
#include "reka/base/page.h"

namespace reka {
namespace {

// The plot lies between these edges of a view box; the browser scales all of it.
constexpr double kWidth = 760, kNarrowWidth = 400, kHeight = 300, kNarrowHeight = 230;
constexpr double kRightMargin = 24, kTop = 12, kBottomMargin = 44;
constexpr double kDigitWidth = 7.5;
constexpr size_t kColours = 8;     // of the style sheet
constexpr size_t kBuckets = 700;   // about one for each pixel of the plot
constexpr size_t kTooltips = 100;  // of each series

struct Point {
  double x, y;
};

struct Plot {
  const LineChart& chart;
  Axis x, y;
  double left_edge = 0;  // leaves room for the words of the y axis

  double width() const { return chart.narrow ? kNarrowWidth : kWidth; }
  double height() const { return chart.narrow ? kNarrowHeight : kHeight; }
  double right_edge() const { return width() - kRightMargin; }
  double bottom() const { return height() - kBottomMargin; }

  bool shows(double x_value, double y_value) const {
    return std::isfinite(x_value) && std::isfinite(y_value) && (!chart.log_x || x_value > 0) &&
           (!chart.log_y || y_value > 0);
  }
  double left(double value) const {
    return left_edge + x.place(value) * (right_edge() - left_edge);
  }
  double top(double value) const { return bottom() - y.place(value) * (bottom() - kTop); }
};

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  bool empty() const { return low > high; }
  void take(double value, bool log) {
    if (!std::isfinite(value) || (log && value <= 0)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

std::string number(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{:.4g}", value);
}

/// Which of the colours each name has: faint series share theirs with the line of that name.
std::vector<size_t> colours_of(const std::vector<Series>& series) {
  std::vector<std::string> names;
  std::vector<size_t> colours;
  for (const auto& one : series) {
    const auto found = std::find(names.begin(), names.end(), one.name);
    colours.push_back(static_cast<size_t>(found - names.begin()));
    if (found == names.end()) names.push_back(one.name);
  }
  return colours;
}

/// Beyond the eight colours, series repeat them in dashes.
std::string style_class(size_t colour) {
  return fmt::format("c{}{}", colour % kColours, colour >= kColours ? " dashed" : "");
}

/// The first, lowest, highest and last point of each bucket of a long run of points, so that no
/// spike is lost.
std::vector<Point> thinned(const std::vector<Point>& points) {
  if (points.size() <= 4 * kBuckets) return points;
  std::vector<Point> kept;
  for (size_t n = 0; n < kBuckets; ++n) {
    const auto begin = points.begin() + static_cast<long>(n * points.size() / kBuckets);
    const auto end = points.begin() + static_cast<long>((n + 1) * points.size() / kBuckets);
    const auto by_y = [](const Point& a, const Point& b) { return a.y < b.y; };
    auto [low, high] = std::minmax_element(begin, end, by_y);
    if (high < low) std::swap(low, high);
    kept.push_back(*begin);
    for (const auto& at : {low, high}) {
      if (at != begin && at != std::prev(end)) kept.push_back(*at);
    }
    kept.push_back(*std::prev(end));
  }
  return kept;
}

/// The parts of a line between values that cannot be shown, in places of the view box.
std::vector<std::vector<Point>> line_parts(const Plot& plot, const std::vector<double>& x,
                                           const std::vector<double>& y) {
  std::vector<std::vector<Point>> parts(1);
  for (size_t n = 0; n < std::min(x.size(), y.size()); ++n) {
    if (plot.shows(x[n], y[n]))
      parts.back().push_back({plot.left(x[n]), plot.top(y[n])});
    else if (!parts.back().empty())
      parts.emplace_back();
  }
  if (parts.back().empty()) parts.pop_back();
  for (auto& part : parts) part = thinned(part);
  return parts;
}

std::string path_of(const std::vector<Point>& points) {
  std::string path;
  for (const auto& point : points)
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", point.x, point.y);
  return path;
}

std::string line_svg(const Plot& plot, const Series& series, size_t colour) {
  std::string svg;
  for (const auto& part : line_parts(plot, series.x, series.y)) {
    if (part.size() == 1)
      svg += fmt::format("<circle class=\"point {}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"/>",
                         style_class(colour), part[0].x, part[0].y);
    else
      svg += fmt::format("<path class=\"line {}{}\" d=\"{}\"/>", style_class(colour),
                         series.faint ? " faint" : "", path_of(part));
  }
  return svg;
}

std::string band_svg(const Plot& plot, const Series& series, size_t colour) {
  if (series.low.size() != series.y.size() || series.high.size() != series.y.size()) return {};
  auto x = series.x, edge = series.high;
  x.insert(x.end(), series.x.rbegin(), series.x.rend());
  edge.insert(edge.end(), series.low.rbegin(), series.low.rend());
  std::string svg;
  for (const auto& part : line_parts(plot, x, edge))
    svg += fmt::format("<path class=\"band {}\" d=\"{}Z\"/>", style_class(colour), path_of(part));
  return svg;
}

/// Circles that appear under the pointer and tell the values.
std::string tooltip_svg(const Plot& plot, const Series& series, size_t colour) {
  std::string svg;
  const auto count = std::min(series.x.size(), series.y.size());
  const auto shown = std::min(count, kTooltips);
  for (size_t k = 0; k < shown; ++k) {
    const auto n = shown < 2 ? 0 : k * (count - 1) / (shown - 1);
    const auto x = series.x[n], y = series.y[n];
    if (!plot.shows(x, y)) continue;
    const auto text =
        fmt::format("{}: {} at {} {}", series.name, number(y), plot.chart.x_label, number(x));
    svg += fmt::format(
        "<circle class=\"hit {}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6\"><title>{}</title></circle>",
        style_class(colour), plot.left(x), plot.top(y), escape_html(text));
  }
  return svg;
}

std::string axes_svg(const Plot& plot) {
  std::string svg;
  for (const auto tick : plot.y.ticks()) {
    svg += fmt::format(
        "<path class=\"grid\" d=\"M{} {:.1f}H{}\"/><text class=\"tick\" x=\"{}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{}</text>",
        plot.left_edge, plot.top(tick), plot.right_edge(), plot.left_edge - 7, plot.top(tick) + 4,
        plot.y.text(tick));
  }
  for (const auto tick : plot.x.ticks()) {
    svg += fmt::format(
        "<path class=\"axis\" d=\"M{0:.1f} {1}v5\"/><text class=\"tick\" x=\"{0:.1f}\" y=\"{2}\" "
        "text-anchor=\"middle\">{3}</text>",
        plot.left(tick), plot.bottom(), plot.bottom() + 19, plot.x.text(tick));
  }
  return svg + fmt::format(
                   "<path class=\"axis\" d=\"M{0} {1}H{2}\"/><text class=\"label\" x=\"{3}\" "
                   "y=\"{4}\" text-anchor=\"middle\">{5}</text>",
                   plot.left_edge, plot.bottom(), plot.right_edge(),
                   (plot.left_edge + plot.right_edge()) / 2, plot.height() - 6,
                   escape_html(plot.chart.x_label));
}

std::string frame(const std::string& title, const std::string& detail, const std::string& legend,
                  const std::string& body) {
  return fmt::format(
      "<figure class=\"chart\"><figcaption>{}{}</figcaption>{}{}</figure>\n", escape_html(title),
      detail.empty() ? "" : "<span class=\"unit\">" + escape_html(detail) + "</span>", legend,
      body);
}

/// Nothing where a single name would repeat the title.
std::string legend_html(const std::vector<std::string>& names) {
  if (names.size() < 2) return {};
  std::string html = "<div class=\"legend\">";
  for (size_t n = 0; n < names.size(); ++n)
    html +=
        fmt::format("<span class=\"{}\"><i></i>{}</span>", style_class(n), escape_html(names[n]));
  return html + "</div>";
}

std::string value_text(double value, const std::string& unit) {
  return std::isfinite(value) ? number(value) + unit : "none";
}

/// One bar with its interval and its value behind it; places are shares of the track.
std::string bar_html(const BarChart& chart, const Bar& bar, size_t n, const Axis& axis) {
  const auto percent = [&](double value) { return 100 * std::clamp(axis.place(value), 0.0, 1.0); };
  const auto value = bar.values[n];
  auto text = value_text(value, chart.unit);
  std::string mark;
  auto end = std::isfinite(value) ? percent(value) : 0.0;
  const bool interval = n < bar.low.size() && n < bar.high.size();
  if (interval && std::isfinite(value + bar.low[n] + bar.high[n])) {
    const auto low = percent(bar.low[n]), high = percent(bar.high[n]);
    mark = fmt::format("<b style=\"left:{:.2f}%;width:{:.2f}%\"></b>", low, high - low);
    text += fmt::format(" [{}, {}]", number(bar.low[n]), number(bar.high[n]));
    end = std::max(end, high);
  }
  const auto name = n < chart.series.size() ? chart.series[n] + ": " : std::string();
  return fmt::format(
      "<div class=\"bar {}\" title=\"{}\"><i style=\"width:{:.2f}%\"></i>{}"
      "<span style=\"left:{:.2f}%\">{}</span></div>",
      style_class(n), escape_html(bar.label + ": " + name + text),
      std::isfinite(value) ? percent(value) : 0.0, mark, end, escape_html(text));
}

}  // namespace

std::string chart_html(const LineChart& chart) {
  Range x, y;
  std::vector<std::string> names;
  for (const auto& series : chart.series) {
    for (const auto value : series.x) x.take(value, chart.log_x);
    for (const auto* values : {&series.y, &series.low, &series.high}) {
      for (const auto value : *values) y.take(value, chart.log_y);
    }
    if (!series.faint) names.push_back(series.name);
  }
  if (x.empty() || y.empty())
    return frame(chart.title, chart.y_label, "", "<p class=\"none\">no values yet</p>");
  Plot plot{chart, Axis(x.low, x.high, chart.log_x, false), Axis(y.low, y.high, chart.log_y, true)};
  for (const auto tick : plot.y.ticks())
    plot.left_edge =
        std::max(plot.left_edge, 12 + kDigitWidth * static_cast<double>(plot.y.text(tick).size()));
  const auto colours = colours_of(chart.series);
  std::string lines, tooltips;
  for (const bool faint : {true, false}) {  // faint ones behind
    for (size_t n = 0; n < chart.series.size(); ++n) {
      if (chart.series[n].faint != faint) continue;
      lines += band_svg(plot, chart.series[n], colours[n]);
      lines += line_svg(plot, chart.series[n], colours[n]);
      if (!faint) tooltips += tooltip_svg(plot, chart.series[n], colours[n]);
    }
  }
  const auto svg = fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">{}{}{}</svg>", plot.width(),
      plot.height(), escape_html(chart.title), axes_svg(plot), lines, tooltips);
  return frame(chart.title, chart.y_label, legend_html(names), svg);
}

std::string chart_html(const BarChart& chart) {
  Range range;
  range.take(0, false);
  range.take(chart.reference.value_or(0), false);
  for (const auto& bar : chart.bars) {
    for (const auto* values : {&bar.values, &bar.low, &bar.high}) {
      for (const auto value : *values) range.take(value, false);
    }
  }
  if (chart.bars.empty()) return frame(chart.title, "", "", "<p class=\"none\">no values yet</p>");
  const Axis axis(range.low, range.high, false, false);
  std::string body = "<div class=\"bars\">";
  for (const auto& bar : chart.bars) {
    body += "<div class=\"name\" dir=\"auto\">" + escape_html(bar.label) +
            "</div><div class=\"track\">";
    if (chart.reference)
      body += fmt::format("<u style=\"left:{:.2f}%\"></u>", 100 * axis.place(*chart.reference));
    for (size_t n = 0; n < bar.values.size(); ++n) body += bar_html(chart, bar, n, axis);
    body += "</div>";
  }
  body += "</div>";
  if (chart.reference && !chart.reference_label.empty())
    body += fmt::format("<p class=\"note\"><u></u> {}: {}</p>", escape_html(chart.reference_label),
                        escape_html(value_text(*chart.reference, chart.unit)));
  return frame(chart.title, "", legend_html(chart.series), body);
}

}  // namespace reka
