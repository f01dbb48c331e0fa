#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reka::data {

/// The records of a CSV text (RFC 4180): commas, quotes that hold commas, line ends and doubled
/// quotes. Lines with nothing on them are no records.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : rest_(text) {}

  /// nullopt at the end. Throws DataError for a quote that is not closed; there is no record after.
  std::optional<std::vector<std::string>> next();
  int64_t line() const { return line_; }  // where the last record began, from 1

 private:
  std::string field();
  std::string quoted_field();

  std::string_view rest_;
  int64_t line_ = 0;
  int64_t next_line_ = 1;
};

}  // namespace reka::data
