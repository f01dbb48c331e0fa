#include "reka/base/page.h"

#include <algorithm>

#include <fmt/format.h>

#include "reka/base/base64.h"
#include "reka/base/files.h"
#include "reka/base/page_style.h"
#include "reka/base/utf8.h"

namespace reka {
namespace {

constexpr size_t kContentsFrom = 3;  // sections

/// Digits with signs, points, separators, units of up to three letters: "1.23k", "-4 %", "3:07".
bool looks_like_number(const std::string& cell) {
  const auto digits =
      std::count_if(cell.begin(), cell.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto letters = std::count_if(cell.begin(), cell.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
  });
  return digits > 0 && letters <= 3 && letters <= digits;
}

bool is_blank(const std::string& cell) {
  return cell.empty() || cell == "-" || cell == "none";
}

/// Which columns hold numbers and nothing else.
std::vector<bool> number_columns(const PageTable& table) {
  std::vector<bool> numbers(table.columns.size());
  for (size_t column = 0; column < table.columns.size(); ++column) {
    size_t found = 0, filled = 0;
    for (const auto& row : table.rows) {
      if (column >= row.size() || is_blank(row[column])) continue;
      ++filled;
      found += looks_like_number(row[column]) ? 1 : 0;
    }
    numbers[column] = found > 0 && found == filled;
  }
  return numbers;
}

std::string media_html(const Figure& figure) {
  const auto width = figure.width > 0 ? fmt::format(" width=\"{}\"", figure.width) : std::string();
  const auto url = data_url(escape_html(figure.media_type), as_bytes(figure.bytes));
  if (figure.media_type.starts_with("image/"))
    return fmt::format("<img src=\"{}\" alt=\"{}\"{}>", url, escape_html(figure.caption), width);
  if (figure.media_type.starts_with("audio/"))
    return fmt::format("<audio controls src=\"{}\"></audio>", url);
  if (figure.media_type.starts_with("video/"))
    return fmt::format("<video controls loop muted src=\"{}\"{}></video>", url, width);
  return {};
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string html;
  for (const char c : replace_bad_utf8(text)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') html += c;
    }
  }
  return html;
}

Page::Page(std::string title, std::string subtitle)
    : title_(std::move(title)), subtitle_(std::move(subtitle)) {}

void Page::heading(std::string_view text) {
  sections_.emplace_back(text);
  body_ += fmt::format("<h2 id=\"s{}\">{}</h2>\n", sections_.size(), escape_html(text));
}

void Page::subheading(std::string_view text) {
  body_ += fmt::format("<h3>{}</h3>\n", escape_html(text));
}

void Page::paragraph(std::string_view text) {
  body_ += fmt::format("<p dir=\"auto\">{}</p>\n", escape_html(text));
}

void Page::note(std::string_view text) {
  body_ += fmt::format("<p class=\"note\">{}</p>\n", escape_html(text));
}

void Page::source(std::string_view text) {
  body_ += fmt::format("<pre>{}</pre>\n", escape_html(text));
}

void Page::cards(const std::vector<Card>& cards) {
  body_ += "<div class=\"cards\">";
  for (const auto& card : cards) {
    body_ += fmt::format("<div class=\"card\"><div class=\"k\">{}</div><div class=\"v\">{}</div>",
                         escape_html(card.label), escape_html(card.value));
    body_ += fmt::format("<div class=\"d\">{}</div></div>", escape_html(card.detail));
  }
  body_ += "</div>\n";
}

void Page::table(const PageTable& table) {
  const auto numbers = number_columns(table);
  const auto attribute = [&](size_t column) {
    return column < numbers.size() && numbers[column] ? " class=\"n\"" : " dir=\"auto\"";
  };
  body_ += "<div class=\"wide\"><table>";
  if (!table.caption.empty())
    body_ += fmt::format("<caption>{}</caption>", escape_html(table.caption));
  body_ += "<thead><tr>";
  for (size_t n = 0; n < table.columns.size(); ++n)
    body_ += fmt::format("<th{}>{}</th>", attribute(n), escape_html(table.columns[n]));
  body_ += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    body_ += "<tr>";
    for (size_t n = 0; n < row.size(); ++n)
      body_ += fmt::format("<td{}>{}</td>", attribute(n), escape_html(row[n]));
    body_ += "</tr>\n";
  }
  body_ += "</tbody></table></div>\n";
}

void Page::chart(const LineChart& chart) {
  body_ += chart_html(chart);
}

void Page::chart(const BarChart& chart) {
  body_ += chart_html(chart);
}

void Page::charts(std::vector<LineChart> charts) {
  body_ += "<div class=\"charts\">\n";
  for (auto& chart : charts) {
    chart.narrow = true;
    body_ += chart_html(chart);
  }
  body_ += "</div>\n";
}

void Page::figures(const std::vector<Figure>& figures) {
  body_ += "<div class=\"figures\">\n";
  for (const auto& figure : figures) {
    body_ += "<figure>" + media_html(figure);
    if (!figure.caption.empty())
      body_ += fmt::format("<figcaption dir=\"auto\">{}</figcaption>", escape_html(figure.caption));
    if (!figure.lines.empty()) body_ += "<dl>";
    for (const auto& [label, text] : figure.lines)
      body_ +=
          fmt::format("<dt>{}</dt><dd dir=\"auto\">{}</dd>", escape_html(label), escape_html(text));
    body_ += figure.lines.empty() ? "</figure>\n" : "</dl></figure>\n";
  }
  body_ += "</div>\n";
}

void Page::begin_details(std::string_view summary) {
  body_ += fmt::format("<details><summary>{}</summary>\n", escape_html(summary));
}

void Page::end_details() {
  body_ += "</details>\n";
}

std::string Page::html() const {
  std::string contents;
  for (size_t n = 0; n < sections_.size() && sections_.size() >= kContentsFrom; ++n)
    contents += fmt::format("<a href=\"#s{}\">{}</a>", n + 1, escape_html(sections_[n]));
  if (!contents.empty()) contents = "<nav>" + contents + "</nav>\n";
  const auto title = escape_html(title_);
  const auto subtitle = subtitle_.empty()
                            ? ""
                            : fmt::format("<p class=\"subtitle\">{}</p>\n", escape_html(subtitle_));
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n"
      "<header><h1>{}</h1>\n{}{}</header>\n{}</body>\n</html>\n",
      title, kPageStyle, title, subtitle, contents, body_);
}

void Page::save(const std::filesystem::path& path) const {
  write_file_atomic(path, html());
}

}  // namespace reka
