#include "data/corpus/sentences.h"

#include <array>
#include <memory>

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include "reka/base/error.h"

namespace reka::data {
namespace {

uint8_t sentence_break_by_property(UChar32 character) {
  return static_cast<uint8_t>(u_getIntPropertyValue(character, UCHAR_SENTENCE_BREAK));
}

uint8_t sentence_break_of(UChar32 character) {
  static const auto kinds = [] {
    auto table = std::make_unique<std::array<uint8_t, 0x10000>>();
    for (UChar32 c = 0; c < 0x10000; ++c)
      (*table)[static_cast<size_t>(c)] = sentence_break_by_property(c);
    return table;
  }();
  if (character < 0) return U_SB_OTHER;
  return character < 0x10000 ? (*kinds)[static_cast<size_t>(character)]
                             : sentence_break_by_property(character);
}

class Characters {
 public:
  explicit Characters(std::string_view line) : line_(line) {}

  bool done() const { return next_ == line_.size(); }
  uint8_t next() {
    UChar32 character = 0;
    U8_NEXT(reinterpret_cast<const uint8_t*>(line_.data()), next_, line_.size(), character);
    return sentence_break_of(character);
  }

 private:
  std::string_view line_;
  size_t next_ = 0;
};

bool is_end_mark(uint8_t kind) {
  return kind == U_SB_ATERM || kind == U_SB_STERM;
}
bool is_paragraph_end(uint8_t kind) {
  return kind == U_SB_SEP || kind == U_SB_CR || kind == U_SB_LF;
}

// SB8: whether a full stop is none, as the next letter is small.
bool small_letter_follows(uint8_t kind, Characters rest) {
  for (;;) {
    if (kind == U_SB_LOWER) return true;
    if (kind == U_SB_OLETTER || kind == U_SB_UPPER || is_paragraph_end(kind) || is_end_mark(kind))
      return false;
    if (rest.done()) return false;
    kind = rest.next();
  }
}

// What stands before the next character: nothing, or an end mark with what may follow it.
struct Ending {
  uint8_t mark = U_SB_OTHER;    // U_SB_ATERM, U_SB_STERM; else no end mark is open
  uint8_t before = U_SB_OTHER;  // the mark
  bool closed = false;          // quotes or brackets behind it
  bool spaced = false;          // and then spaces

  bool open() const { return is_end_mark(mark); }

  // Whether no sentence begins with a character of this kind.
  bool goes_on(uint8_t kind, const Characters& rest) const {
    const bool bare = !closed && !spaced;
    const bool is_letter_before = before == U_SB_UPPER || before == U_SB_LOWER;
    if (mark == U_SB_ATERM) {
      if (bare && kind == U_SB_NUMERIC) return true;
      if (bare && is_letter_before && kind == U_SB_UPPER) return true;
      if (small_letter_follows(kind, rest)) return true;
    }
    if (kind == U_SB_SCONTINUE || is_end_mark(kind) || kind == U_SB_SP) return true;
    return is_paragraph_end(kind) || (!spaced && kind == U_SB_CLOSE);
  }
};

}  // namespace

int64_t count_sentences(std::string_view line) {
  int64_t sentences = line.empty() ? 0 : 1;
  Ending ending;
  uint8_t last = U_SB_OTHER;
  bool paragraph_ended = false;
  Characters characters(line);
  for (bool first = true; !characters.done(); first = false) {
    const auto kind = characters.next();
    if (paragraph_ended && !(last == U_SB_CR && kind == U_SB_LF)) {
      ++sentences;
      ending = {};
      paragraph_ended = false;
    } else if ((kind == U_SB_EXTEND || kind == U_SB_FORMAT) && !first) {
      continue;  // belongs to what stands before
    } else if (ending.open() && !ending.goes_on(kind, characters)) {
      ++sentences;
      ending = {};
    }
    if (is_end_mark(kind)) {
      ending = {.mark = kind, .before = last};
    } else if (ending.open() && kind == U_SB_CLOSE && !ending.spaced) {
      ending.closed = true;
    } else if (ending.open() && kind == U_SB_SP) {
      ending.spaced = true;
    } else {
      ending = {};
    }
    paragraph_ended = is_paragraph_end(kind);
    last = kind;
  }
  return sentences;
}

int64_t count_sentences_by_icu(std::string_view line) {
  thread_local const auto iterator = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createSentenceInstance(icu::Locale::getRoot(), status));
    if (U_FAILURE(status)) {
      throw DataError("sentences: {}: must have ICU's data", u_errorName(status));
    }
    return made;
  }();
  UErrorCode status = U_ZERO_ERROR;
  UText opened = UTEXT_INITIALIZER;
  utext_openUTF8(&opened, line.data(), static_cast<int64_t>(line.size()), &status);
  iterator->setText(&opened, status);
  int64_t sentences = 0;
  for (iterator->first(); iterator->next() != icu::BreakIterator::DONE;) ++sentences;
  utext_close(&opened);
  return sentences;
}

}  // namespace reka::data
