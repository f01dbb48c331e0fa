#pragma once

#include <functional>
#include <string>

#include "data/corpus/report.h"
#include "reka/base/page.h"

namespace reka::data {

using NameOfCell = std::function<std::string(const CorpusReport::Cell&)>;
using NameOfFate = std::function<std::string(const CorpusReport::FateCell&)>;

std::string source_of(const CorpusReport::Cell& cell);
std::string language_of(const CorpusReport::Cell& cell);

/// What was kept: a row for each name, the largest text first.
PageTable counts_table(const std::string& column, const CorpusReport& report,
                       const NameOfCell& name_of);

/// What was read: documents by what became of them, a row for each name; each row adds up to its
/// documents read, each column to the last row. Text is counted as it was read.
PageTable fates_table(const std::string& column, const CorpusReport& report,
                      const NameOfFate& name_of);
PageTable fates_by_language(const CorpusReport& report);

std::string megabytes(int64_t bytes);
std::string named_or(const std::string& name, const std::string& otherwise);

/// The same table in Markdown as GitHub and Hugging Face read it.
std::string markdown(const PageTable& table);

}  // namespace reka::data
