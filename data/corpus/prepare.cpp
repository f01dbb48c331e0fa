#include "data/corpus/prepare.h"

#include <utility>
#include <variant>

#include "data/corpus/normalize.h"
#include "data/corpus/personal_data.h"
#include "data/corpus/sentences.h"
#include "data/corpus/words.h"

namespace reka::data {
Preparer::Preparer(const PrepareConfig& config)
    : detector_(LanguageDetector::make(config.language)),
      detector_name_(
          std::visit([](const auto& one) { return std::string(one.kName); }, config.language)),
      replaces_personal_data_(config.personal_data == "replace") {
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
  if (document.parts.empty()) return std::nullopt;
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
                      .ips = personal.ips};
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
