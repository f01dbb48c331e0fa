#pragma once

#include "data/corpus/report.h"
#include "reka/base/page.h"

namespace reka::data {

/// The report as a page: totals, tables by source, language, modality and split, what was skipped.
Page report_page(const std::string& title, const CorpusReport& report);

}  // namespace reka::data
