#include "data/corpus/prepare.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "data/corpus/lines.h"
#include "data/corpus/normalize.h"
#include "data/corpus/personal_data.h"
#include "data/corpus/sentences.h"
#include "data/corpus/words.h"
#include "data/media/examine.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

// Decodes them; their fingerprints stay with the document.
std::vector<MeasuredMedia> measure(Document& document, bool decodes) {
  std::vector<MeasuredMedia> media;
  for (const auto& file : document.media) {
    auto& measured = media.emplace_back(MeasuredMedia{.geometry = file.geometry});
    if (!decodes) continue;
    try {
      auto found = examine_media(file);
      measured.measures = found.measures;
      document.fingerprints.push_back(std::move(found.fingerprint));
    } catch (const DataError& error) {  // told of the document
      throw DataError("{}", without_place(error.what(), file.name));
    }
  }
  return media;
}

}  // namespace

Preparer::Preparer(const PrepareConfig& config)
    : detector_(LanguageDetector::make(config.language)),
      detector_name_(
          std::visit([](const auto& one) { return std::string(one.kName); }, config.language)),
      replaces_personal_data_(config.personal_data == "replace"),
      decodes_media_(config.measure_media) {
  if (const auto* cld2 = std::get_if<Cld2Config>(&config.language)) paragraphs_ = cld2->paragraphs;
  if (const auto* model = std::get_if<FastTextConfig>(&config.language)) {
    paragraphs_ = model->paragraphs;
  }
}

std::optional<SignalRow> Preparer::prepare(Document& document, const std::string& language) const {
  PersonalData personal;
  for (auto& part : document.parts) {
    if (part.kind != Part::Kind::kText) continue;
    part.text = normalize(part.text);
    const auto found =
        replaces_personal_data_ ? replace_personal_data(part.text) : find_personal_data(part.text);
    personal.emails += found.emails;
    personal.ips += found.ips;
  }
  std::erase_if(document.parts, [](const Part& part) {
    return part.kind == Part::Kind::kText && part.text.empty();
  });
  const auto is_blank = [](const Part& part) {
    return part.kind == Part::Kind::kText && trim(part.text).empty();
  };
  if (std::ranges::all_of(document.parts, is_blank)) return std::nullopt;
  const auto text = text_of(document);
  if (!language.empty()) document.language = language;
  auto detected = detect(*detector_, text, document.language, paragraphs_);
  document.language = std::move(detected.tag);

  SignalText measured{.text = text,
                      .language = document.language,
                      .count_sentences = count_sentences,
                      .language_score = detected.score,
                      .paragraph_share = detected.paragraph_share,
                      .emails = personal.emails,
                      .ips = personal.ips,
                      .media = measure(document, decodes_media_)};
  if (!document.media.empty()) measured.caption_characters = count_text_characters(document);
  split_words(text, measured.words);
  measured.set_lengths();
  SignalRow row{.id = document.id, .split = document.split, .signals = compute_signals(measured)};
  if (!document.media.empty()) row.kind |= SignalRow::kHasMedia;
  if (document.whole) row.kind |= SignalRow::kWhole;
  for (const auto& part : document.parts) {
    if (part.kind == Part::Kind::kText) row.text_bytes += static_cast<uint32_t>(part.text.size());
  }
  return row;
}

}  // namespace reka::data
