#include "data/corpus/shingles.h"

#include <array>
#include <cstring>
#include <memory>
#include <string>

#include <c10/util/Exception.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>
#define XXH_INLINE_ALL  // a call costs as much as the hash of a shingle
#include <xxhash.h>

namespace reka::data {
namespace {

// What becomes of one character in the plain form.
struct Folded {
  enum class Kind : uint8_t { kNothing, kSpace, kDigit, kLetter, kAlone };

  Kind kind = Kind::kNothing;
  uint8_t size = 0;
  std::array<char, 10> bytes{};  // U+0390 and the like become one letter; nothing is longer
};

constexpr UChar32 kCapitalSigma = 0x3A3;
constexpr UChar32 kPlane = 0x10000;
constexpr UChar32 kFirstHangul = 0xAC00;
constexpr UChar32 kLastHangul = 0xD7A3;

bool is_spaced_out(UChar32 character) {
  constexpr auto kGaps = U_GC_P_MASK | U_GC_S_MASK | U_GC_Z_MASK | U_GC_CC_MASK | U_GC_CF_MASK;
  return (U_GET_GC_MASK(character) & kGaps) != 0 || u_isUWhiteSpace(character) != 0;
}

// Lower case, NFD, without Mn.
std::string plain_letters(UChar32 character) {
  std::string plain;
  if (character >= kFirstHangul && character <= kLastHangul) {
    icu::UnicodeString(character).toUTF8String(plain);
    return plain;
  }
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfd = icu::Normalizer2::getNFDInstance(status);
  const auto lower = icu::UnicodeString(character).toLower(icu::Locale::getRoot());
  icu::UnicodeString parts;
  if (U_SUCCESS(status)) nfd->normalize(lower, parts, status);
  TORCH_CHECK(U_SUCCESS(status), "shingles: ICU has no NFD: ", u_errorName(status));
  icu::UnicodeString kept;
  for (int32_t n = 0; n < parts.length(); n = parts.moveIndex32(n, 1)) {
    const auto part = parts.char32At(n);
    if (u_charType(part) != U_NON_SPACING_MARK) kept.append(part);
  }
  kept.toUTF8String(plain);
  return plain;
}

Folded fold_character(UChar32 character) {
  Folded folded;
  if (u_charType(character) == U_DECIMAL_DIGIT_NUMBER) {
    folded.kind = Folded::Kind::kDigit;
  } else if (is_spaced_out(character)) {
    folded.kind = Folded::Kind::kSpace;
  } else if (const auto plain = plain_letters(character); !plain.empty()) {
    TORCH_CHECK(plain.size() <= folded.bytes.size(), "shingles: a letter of too many bytes");
    UErrorCode status = U_ZERO_ERROR;
    const auto script = uscript_getScript(character, &status);
    const bool alone = U_SUCCESS(status) && uscript_breaksBetweenLetters(script) != 0;
    folded.kind = alone ? Folded::Kind::kAlone : Folded::Kind::kLetter;
    folded.size = static_cast<uint8_t>(plain.size());
    std::memcpy(folded.bytes.data(), plain.data(), plain.size());
  }
  return folded;
}

// The characters of the first plane, once for the program: a text needs few of its cache lines.
const Folded* folded_plane() {
  static const auto plane = [] {
    auto made = std::make_unique<Folded[]>(kPlane);
    for (UChar32 character = 0; character < kPlane; ++character) {
      if (!U_IS_SURROGATE(character)) made[character] = fold_character(character);
    }
    return made;
  }();
  return plane.get();
}

Folded folded_of(const Folded* plane, UChar32 character) {
  if (character < 0) return {.kind = Folded::Kind::kSpace};  // not UTF-8
  return character < kPlane ? plane[character] : fold_character(character);
}

UChar32 character_at(std::string_view text, size_t& at) {
  UChar32 character = 0;
  U8_NEXT(reinterpret_cast<const uint8_t*>(text.data()), at, text.size(), character);
  return character;
}

bool is_letter_at(std::string_view text, size_t at) {
  return at < text.size() && u_isalpha(character_at(text, at)) != 0;
}

bool is_ascii_letter(char byte) {
  return static_cast<uint8_t>((byte | 0x20) - 'a') < 26;
}

bool is_decimal_mark(UChar32 character) {
  return character == '.' || character == ',' || character == 0x66B;
}

bool is_digit(UChar32 character) {
  return character >= 0 && u_charType(character) == U_DECIMAL_DIGIT_NUMBER;
}

size_t skip_digits(std::string_view text, size_t at) {
  for (auto next = at; next < text.size() && is_digit(character_at(text, next));) at = next;
  return at;
}

}  // namespace

// Behind a number whose first digit stands before `at`.
size_t Shingler::skip_number(std::string_view text, size_t at) const {
  at = skip_digits(text, at);
  auto behind_mark = at;
  if (at == text.size() || !is_decimal_mark(character_at(text, behind_mark))) return at;
  const auto end = skip_digits(text, behind_mark);
  return end > behind_mark ? end : at;
}

void Shingler::put_space() {
  if (size_ > 0 && form_[size_ - 1] != ' ') form_[size_++] = ' ';
  open_ = false;
}

void Shingler::put_word(const char* bytes, size_t count, bool alone) {
  if (!open_ || alone) words_.push_back({.begin = static_cast<uint32_t>(size_)});
  std::memcpy(form_.data() + size_, bytes, count);
  size_ += count;
  words_.back().end = static_cast<uint32_t>(size_);
  open_ = !alone;
}

// Most letters of most texts; what fold() does with them, without its table.
size_t Shingler::put_ascii_word(std::string_view text, size_t at) {
  if (!open_) words_.push_back({.begin = static_cast<uint32_t>(size_)});
  auto* to = form_.data() + size_;
  for (; at < text.size() && is_ascii_letter(text[at]); ++at) {
    *to++ = static_cast<char>(text[at] | 0x20);
  }
  size_ = static_cast<size_t>(to - form_.data());
  words_.back().end = static_cast<uint32_t>(size_);
  open_ = true;
  return at;
}

void Shingler::fold(std::string_view text) {
  static const auto* const plane = folded_plane();
  constexpr size_t kMostBytesOfOne = 10;
  form_.resize(std::max(form_.size(), text.size() * 3 + kMostBytesOfOne));
  size_ = 0;
  words_.clear();
  open_ = false;
  for (size_t at = 0; at < text.size();) {
    if (is_ascii_letter(text[at])) {
      at = put_ascii_word(text, at);
      continue;
    }
    const auto begin = at;
    const auto character = character_at(text, at);
    const auto folded = folded_of(plane, character);
    switch (folded.kind) {
      case Folded::Kind::kNothing:
        break;
      case Folded::Kind::kSpace:
        put_space();
        break;
      case Folded::Kind::kDigit:
        at = skip_number(text, at);
        put_word("0", 1, false);
        break;
      case Folded::Kind::kLetter:
      case Folded::Kind::kAlone:
        if (character == kCapitalSigma && begin > 0 && open_ && !is_letter_at(text, at)) {
          put_word("ς", 2, false);  // at the end of a word
        } else {
          put_word(folded.bytes.data(), folded.size, folded.kind == Folded::Kind::kAlone);
        }
        break;
    }
  }
  if (size_ > 0 && form_[size_ - 1] == ' ') --size_;
}

void Shingler::cut_characters() {
  words_.clear();
  const auto form = plain_form();
  for (size_t at = 0; at < form.size();) {
    const auto begin = static_cast<uint32_t>(at);
    character_at(form, at);
    words_.push_back({begin, static_cast<uint32_t>(at)});
  }
}

std::span<const uint64_t> Shingler::shingles(std::string_view text) {
  fold(text);
  if (unit_ == ShingleUnit::kCharacters) cut_characters();
  hashes_.clear();
  for (size_t first = 0; first + ngram_ <= words_.size(); ++first) {
    const auto begin = words_[first].begin;
    const auto end = words_[first + ngram_ - 1].end;
    hashes_.push_back(XXH3_64bits(form_.data() + begin, end - begin));
  }
  return hashes_;
}

}  // namespace reka::data
