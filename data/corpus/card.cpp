#include "data/corpus/card.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "data/corpus/language_tiers.h"

namespace reka::data {
namespace {

using Counts = CorpusCard::Counts;
using Cell = CorpusReport::Cell;

std::map<std::string, Counts> sums_by(const CorpusReport& report,
                                      const std::function<std::string(const Cell&)>& name_of) {
  std::map<std::string, Counts> sums;
  for (const auto& [cell, counts] : report.cells()) sums[name_of(cell)] += counts;
  return sums;
}

std::vector<CorpusCard::Licence> licences_of(const CorpusOrigin& origin,
                                             std::map<std::string, Counts>& by_source) {
  std::map<std::string, CorpusCard::Licence> licences;
  for (const auto& source : origin.sources) {
    auto& licence = licences[source.licence];
    licence.name = source.licence;
    licence.sources.push_back(source.name);
    licence.counts += by_source[source.name];
    for (const auto& package : source.packages) {
      const auto name = name_with_version(package);
      if (name.empty() || std::ranges::find(licence.packages, name) != licence.packages.end()) {
        continue;
      }
      licence.packages.push_back(name);
    }
  }
  std::vector<CorpusCard::Licence> sorted;
  sorted.reserve(licences.size());
  for (auto& [name, licence] : licences) sorted.push_back(std::move(licence));
  std::ranges::stable_sort(sorted, std::ranges::greater{},
                           [](const auto& licence) { return licence.counts.tokens; });
  return sorted;
}

std::vector<std::string> missing_of(const SourceOrigin& source) {
  std::vector<std::string> missing;
  if (source.licence.empty()) missing.emplace_back("licence");
  const auto lacks = [&](std::string PackageFiles::*member) {
    return std::ranges::any_of(source.packages,
                               [&](const auto& package) { return (package.*member).empty(); });
  };
  if (source.packages.empty() || lacks(&PackageFiles::package)) {
    missing.emplace_back("package");
  } else if (lacks(&PackageFiles::version)) {
    missing.emplace_back("version of the package");
  }
  return missing;
}

std::vector<CorpusCard::Unclear> unclear_of(const CorpusOrigin& origin, const Counts& unknown,
                                            std::map<std::string, Counts>& by_source) {
  std::vector<CorpusCard::Unclear> unclear;
  for (const auto& source : origin.sources) {
    auto missing = missing_of(source);
    if (missing.empty()) continue;
    unclear.push_back({source.name, std::move(missing), by_source[source.name]});
  }
  if (unknown.documents > 0) unclear.push_back({"", {"language"}, unknown});
  return unclear;
}

int64_t median(std::vector<int64_t> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// Tokens of the middle one of the languages of a tier that are there.
int64_t aim_of(const LanguageTier& tier, const std::map<std::string, Counts>& alone) {
  std::vector<int64_t> tokens;
  for (const auto& language : tier.languages) {
    const auto found = alone.find(std::string(language));
    if (found != alone.end()) tokens.push_back(found->second.tokens);
  }
  return median(std::move(tokens));
}

void add_languages(const CorpusReport& report, CorpusCard& card) {
  const auto alone =
      sums_by(report, [](const Cell& cell) { return language_alone(std::get<1>(cell)); });
  for (const auto& tier : language_tiers()) {
    for (const auto& language : tier.languages) {
      if (alone.contains(std::string(language))) continue;
      card.absent.push_back({std::string(language), std::string(tier.name)});
    }
  }
  for (const auto& [language, counts] :
       sums_by(report, [](const Cell& cell) { return std::get<1>(cell); })) {
    const bool is_rare = counts.documents < card.config.min_documents ||
                         counts.text_bytes < card.config.min_text_bytes ||
                         counts.tokens < card.config.min_tokens;
    if (!is_rare || language.empty()) continue;
    const auto* tier = tier_of(language);
    CorpusCard::RareLanguage rare{.language = language, .counts = counts};
    if (tier != nullptr) rare.tier = tier->name;
    rare.aim = aim_of(tier != nullptr ? *tier : language_tiers().back(), alone);
    if (counts.tokens > 0) {
      rare.repeats = std::max<int64_t>(1, (rare.aim + counts.tokens - 1) / counts.tokens);
    }
    card.rare.push_back(std::move(rare));
  }
  std::ranges::stable_sort(card.rare, {}, [](const auto& rare) { return rare.counts.tokens; });
}

Json counts_of(const Counts& counts, double share) {
  return {{"documents", counts.documents}, {"text_bytes", counts.text_bytes},
          {"media", counts.media},         {"media_bytes", counts.media_bytes},
          {"tokens", counts.tokens},       {"share_of_tokens", share}};
}

Json origin_json(const SourceOrigin& source) {
  Json packages = Json::array();
  for (const auto& package : source.packages) {
    packages.push_back({{"package", package.package},
                        {"version", package.version},
                        {"files", package.files},
                        {"file_bytes", package.bytes}});
  }
  return {{"source", source.name},          {"reader", source.reader},
          {"licence", source.licence},      {"language", source.language},
          {"documents", source.documents},  {"documents_xxh3_128", source.hash},
          {"packages", std::move(packages)}};
}

}  // namespace

std::string name_with_version(const PackageFiles& package) {
  return package.version.empty() ? package.package : package.package + " " + package.version;
}

double CorpusCard::share(const Counts& counts) const {
  return total.tokens == 0 ? 0
                           : static_cast<double>(counts.tokens) / static_cast<double>(total.tokens);
}

Json CorpusCard::json() const {
  Json by_licence = Json::array();
  for (const auto& licence : licences) {
    Json json = {
        {"licence", licence.name}, {"sources", licence.sources}, {"packages", licence.packages}};
    json.update(counts_of(licence.counts, share(licence.counts)));
    by_licence.push_back(std::move(json));
  }
  Json missing = Json::array();
  for (const auto& part : unclear) {
    Json json = {{"source", part.source}, {"missing", part.missing}};
    json.update(counts_of(part.counts, share(part.counts)));
    missing.push_back(std::move(json));
  }
  Json sources = Json::array();
  for (const auto& source : origin.sources) sources.push_back(origin_json(source));
  Json few = Json::array();
  for (const auto& language : rare) {
    Json json = {{"language", language.language},
                 {"tier", language.tier},
                 {"tier_tokens", language.aim},
                 {"repeats", language.repeats}};
    json.update(counts_of(language.counts, share(language.counts)));
    few.push_back(std::move(json));
  }
  Json none = Json::array();
  for (const auto& language : absent) {
    none.push_back({{"language", language.language}, {"tier", language.tier}});
  }
  return {{"licences", std::move(by_licence)},
          {"unclear", std::move(missing)},
          {"lineage",
           {{"stamp", origin.stamp},
            {"build_version", origin.build_version},
            {"language_detector", origin.detector},
            {"sources", std::move(sources)}}},
          {"rare_languages", std::move(few)},
          {"absent_languages", std::move(none)}};
}

CorpusCard make_card(const CorpusReport& report, CorpusOrigin origin, const CardConfig& config) {
  CorpusCard card{.origin = std::move(origin), .config = config, .total = report.total()};
  auto by_source = sums_by(report, [](const Cell& cell) { return std::get<0>(cell); });
  auto by_language = sums_by(report, [](const Cell& cell) { return std::get<1>(cell); });
  card.licences = licences_of(card.origin, by_source);
  card.unclear = unclear_of(card.origin, by_language[""], by_source);
  add_languages(report, card);
  return card;
}

}  // namespace reka::data
