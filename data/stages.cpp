#include "data/stages.h"

#include <string>
#include <utility>
#include <variant>

#include "data/corpus/decontaminate.h"
#include "data/corpus/decontaminate_media.h"
#include "data/corpus/duplicate_graph.h"
#include "data/corpus/exact_duplicates.h"
#include "data/corpus/held_out_lines.h"
#include "data/corpus/media_duplicates.h"
#include "data/corpus/media_signals.h"
#include "data/corpus/near_duplicates.h"
#include "data/corpus/personal_report.h"
#include "data/corpus/quality_rules.h"
#include "data/corpus/repeated_paragraphs.h"
#include "data/corpus/repeated_substrings.h"

namespace reka::data {
namespace {

std::vector<std::string> names_of(const Table<SourceConfig>& sources) {
  std::vector<std::string> names;
  for (const auto& [name, source] : sources) names.push_back(name);
  return names;
}

}  // namespace

std::vector<std::unique_ptr<Stage>> stages_of(const CorpusConfig& config,
                                              const std::filesystem::path& packages,
                                              const Workspace& space, Collection& corpus) {
  std::vector<std::unique_ptr<Stage>> stages;
  stages.push_back(std::make_unique<QualityRules>(config.rules));
  stages.push_back(std::make_unique<MediaSignals>());
  const auto* near = std::get_if<NearDuplicateConfig>(&config.near_duplicates);
  const auto* media = std::get_if<MediaDuplicateConfig>(&config.media_duplicates);
  std::unique_ptr<DuplicateGraph> graph;
  if (near != nullptr || media != nullptr) {
    graph = std::make_unique<DuplicateGraph>(corpus, names_of(config.sources));
  }
  stages.push_back(std::make_unique<ExactDuplicates>(space, graph.get()));
  if (near != nullptr) {
    stages.push_back(std::make_unique<NearDuplicates>(*near, space, graph.get()));
  }
  if (media != nullptr) stages.push_back(std::make_unique<MediaDuplicates>(*media, space, *graph));
  if (graph != nullptr) stages.push_back(std::move(graph));
  if (const auto* once = std::get_if<RepeatedParagraphConfig>(&config.paragraphs)) {
    stages.push_back(std::make_unique<RepeatedParagraphs>(*once, space));
  }
  if (const auto* once = std::get_if<RepeatedSubstringConfig>(&config.substrings)) {
    stages.push_back(std::make_unique<RepeatedSubstrings>(*once, space));
  }
  if (!config.decontaminate.sets.empty()) {
    stages.push_back(std::make_unique<Decontaminate>(config.decontaminate, packages));
  }
  if (!config.decontaminate.media_sets.empty()) {
    stages.push_back(std::make_unique<DecontaminateMedia>(config.decontaminate, packages));
  }
  auto lines = std::exchange(corpus.held_out_lines, {});
  if (const auto* unseen = std::get_if<HeldOutLinesConfig>(&config.held_out_lines)) {
    stages.push_back(std::make_unique<HeldOutLines>(*unseen, std::move(lines)));
  }
  stages.push_back(std::make_unique<PersonalReport>(config.prepare.personal_data == "replace"));
  return stages;
}

}  // namespace reka::data
