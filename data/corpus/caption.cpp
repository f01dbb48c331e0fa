#include "data/corpus/caption.h"

#include "data/corpus/files.h"
#include "data/corpus/record.h"
#include "reka/base/error.h"

namespace reka::data {

std::string caption_of_text(std::string_view bytes) {
  if (const auto bad = find_bad_utf8(bytes)) throw DataError("not UTF-8 at byte {}", *bad);
  constexpr std::string_view kSpace = " \t\r\n";
  const auto begin = bytes.find_first_not_of(kSpace);
  if (begin == bytes.npos) return "";
  return std::string(bytes.substr(begin, bytes.find_last_not_of(kSpace) + 1 - begin));
}

std::string caption_of_json(std::string_view bytes, std::string_view key) {
  simdjson::dom::parser parser;
  return caption_of_text(record_text(parse_record(parser, bytes), key));
}

}  // namespace reka::data
