#pragma once

#include <string>

#include "data/corpus/card.h"
#include "data/corpus/report.h"
#include "reka/base/json.h"
#include "reka/base/page.h"

namespace reka::data {

/// Sections of report.html: licences, unclear composition, lineage, rare languages.
void show_card(const CorpusCard& card, Page& page);

/// The data card of a model hub: card.md, with the YAML head of Hugging Face's and the tables of
/// the report. `stages` is that of report.json; its single figures are told. `configuration` is the
/// YAML that the corpus was built with, defaults too.
std::string card_markdown(const std::string& title, const CorpusReport& report,
                          const CorpusCard& card, const Json& stages,
                          const std::string& configuration);

}  // namespace reka::data
