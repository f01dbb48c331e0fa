#include "data/bench/texts.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "data/corpus/each_line.h"
#include "data/corpus/record.h"
#include "data/shards/reader.h"
#include "data/tokens/tokenizer.h"
#include "reka/base/error.h"
#include "reka/base/files.h"

namespace reka::data::bench {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> texts_of_lines(const fs::path& path) {
  std::vector<std::string> texts;
  simdjson::dom::parser parser;
  int64_t line_number = 0;
  for_each_line(read_file(path), [&](std::string_view line) {
    ++line_number;
    try {
      texts.push_back(record_text(parse_record(parser, line), "text"));
    } catch (const DataError& error) {
      throw DataError("{}:{}: {}", path.string(), line_number, error.what());
    }
  });
  return texts;
}

std::vector<std::string> texts_of_shards(const fs::path& folder) {
  std::vector<std::string> texts;
  const auto tokenizer = Tokenizer::load(folder);
  for (const auto split : {Split::kTrain, Split::kDev, Split::kTest}) {
    visit_samples(folder, split, [&](Sample&& sample) {
      texts.push_back(tokenizer->decode(sample.tokens));
      return true;
    });
  }
  return texts;
}

}  // namespace

std::vector<std::string> read_texts(const fs::path& path) {
  auto texts = fs::is_directory(path) ? texts_of_shards(path) : texts_of_lines(path);
  if (texts.empty()) throw DataError("{}: no text in it: must have some", path.string());
  return texts;
}

}  // namespace reka::data::bench
