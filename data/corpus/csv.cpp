#include "data/corpus/csv.h"

#include <algorithm>

#include "reka/base/error.h"

namespace reka::data {

std::optional<std::vector<std::string>> CsvReader::next() {
  while (!rest_.empty() && (rest_[0] == '\n' || rest_[0] == '\r')) {
    if (rest_[0] == '\n') ++next_line_;
    rest_.remove_prefix(1);
  }
  if (rest_.empty()) return std::nullopt;
  line_ = next_line_;
  std::vector<std::string> fields = {field()};
  while (!rest_.empty() && rest_[0] == ',') {
    rest_.remove_prefix(1);
    fields.push_back(field());
  }
  return fields;
}

std::string CsvReader::field() {
  if (!rest_.empty() && rest_[0] == '"') return quoted_field();
  const auto taken = rest_.substr(0, rest_.find_first_of(",\r\n"));
  rest_.remove_prefix(taken.size());
  return std::string(taken);
}

// What stands between the closing quote and the next comma belongs to the field.
std::string CsvReader::quoted_field() {
  rest_.remove_prefix(1);
  std::string value;
  while (true) {
    const auto end = rest_.find('"');
    if (end == rest_.npos) {
      rest_ = {};
      throw DataError("quote that is not closed");
    }
    value += rest_.substr(0, end);
    next_line_ += std::count(rest_.begin(), rest_.begin() + static_cast<long>(end), '\n');
    rest_.remove_prefix(end + 1);
    if (rest_.empty() || rest_[0] != '"') break;
    value += '"';
    rest_.remove_prefix(1);
  }
  return value + field();
}

}  // namespace reka::data
