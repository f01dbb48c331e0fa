#include "data/corpus/language.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <vector>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>
#include <unicode/locid.h>

namespace reka::data {
namespace {

std::vector<std::string> split_subtags(std::string_view locale) {
  std::vector<std::string> tags(1);
  for (const char c : locale.substr(0, locale.find('.'))) {
    if (c == '_' || c == '-' || c == '@') {
      tags.emplace_back();
    } else {
      tags.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return tags;
}

// Old codes, and languages that corpora name in two ways.
std::string current_code(const std::string& code) {
  static const std::map<std::string, std::string> renamed = {
      {"c", "en"},  {"iw", "he"}, {"in", "id"},  {"ji", "yi"},     {"jw", "jv"},
      {"nb", "no"}, {"mo", "ro"}, {"tl", "fil"}, {"sh", "sr-Latn"}};
  const auto found = renamed.find(code);
  return found == renamed.end() ? code : found->second;
}

// "deu" and "ger" are "de", and of a macrolanguage its usual one: "cmn" is "zh".
std::string shortest_code(const std::string& code) {
  if (code.size() != 3) return code;
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale(code.c_str());
  locale.canonicalize(status);
  const std::string known = U_SUCCESS(status) ? locale.getLanguage() : "";
  return known.empty() ? code : known;
}

std::string script_named_by(const std::vector<std::string>& tags) {
  for (auto tag = tags.begin() + 1; tag != tags.end(); ++tag) {
    if (*tag == "latin") return "Latn";
    if (*tag == "cyrillic") return "Cyrl";
    if (*tag == "devanagari") return "Deva";
    if (tag->size() == 4 && std::isalpha(static_cast<unsigned char>((*tag)[0]))) {
      auto script = *tag;
      script[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(script[0])));
      return script;
    }
    if (tags[0] == "zh" && (*tag == "tw" || *tag == "hk" || *tag == "mo")) return "Hant";
  }
  return "";
}

std::string usual_script(const std::string& language) {
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale(language.c_str());
  locale.addLikelySubtags(status);
  const std::string script = U_SUCCESS(status) ? locale.getScript() : "";
  return script.empty() ? "Latn" : script;
}

}  // namespace

std::string language_tag(std::string_view locale) {
  const auto tags = split_subtags(locale);
  const auto language = current_code(shortest_code(tags[0]));
  const bool is_code =
      (tags[0].size() == 2 || tags[0].size() == 3 || tags[0] == "c") &&
      std::all_of(tags[0].begin(), tags[0].end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!is_code) return "";
  const auto script = script_named_by(tags);
  return script.empty() || script == usual_script(language) ? language : language + "-" + script;
}

std::vector<LanguageGuess> guess_by_cld2(std::string_view text) {
  CLD2::Language top[3];
  int percent[3];
  double scores[3];
  int text_bytes = 0;
  bool is_reliable = false;
  const CLD2::CLDHints hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
  CLD2::ExtDetectLanguageSummary(text.data(), static_cast<int>(std::min<size_t>(text.size(), 4096)),
                                 /*is_plain_text=*/true, &hints, /*flags=*/0, top, percent, scores,
                                 nullptr, &text_bytes, &is_reliable);
  std::vector<LanguageGuess> guesses;
  if (!is_reliable || top[0] == CLD2::UNKNOWN_LANGUAGE) return guesses;
  for (size_t n = 0; n < 3 && top[n] != CLD2::UNKNOWN_LANGUAGE; ++n) {
    guesses.push_back(
        {language_tag(CLD2::LanguageCode(top[n])), static_cast<float>(percent[n]) / 100});
  }
  return guesses;
}

std::string detect_language(std::string_view text) {
  const auto guesses = guess_by_cld2(text);
  return guesses.empty() ? "" : guesses[0].tag;
}

}  // namespace reka::data
