#include "data/corpus/words.h"

#include <array>
#include <cstdint>
#include <memory>

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include "reka/base/error.h"

namespace reka::data {
namespace {

// What a character is to the rules of word boundaries. ICU decides a line in which one has kIcu:
// dictionaries, Hebrew quotes, flags and joined emoji.
enum class WordBreak : uint8_t {
  kOther,
  kSpace,    // runs of it stay together
  kNewline,  // an end of a line other than the newline
  kBlank,    // other white space
  kLetter,
  kNumber,
  kConnector,  // as _ between letters and numbers
  kMidLetter,  // joins two letters
  kMidNumber,  // joins two numbers
  kMidBoth,    // joins two of one kind
  kMark,       // belongs to what stands before
  kIcu,
};

bool is_cut_by_dictionary(UChar32 character) {
  if (u_getIntPropertyValue(character, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT) return true;
  UErrorCode status = U_ZERO_ERROR;
  const auto script = uscript_getScript(character, &status);
  return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
         script == USCRIPT_HANGUL;
}

WordBreak break_by_properties(UChar32 character) {
  if (is_cut_by_dictionary(character)) return WordBreak::kIcu;
  if (character == ':') return WordBreak::kOther;  // joins words in Finnish and Swedish alone
  switch (u_getIntPropertyValue(character, UCHAR_WORD_BREAK)) {
    case U_WB_OTHER:
      if (u_hasBinaryProperty(character, UCHAR_EXTENDED_PICTOGRAPHIC)) return WordBreak::kIcu;
      return u_isUWhiteSpace(character) ? WordBreak::kBlank : WordBreak::kOther;
    case U_WB_CR:
    case U_WB_LF:
    case U_WB_NEWLINE:
      return WordBreak::kNewline;
    case U_WB_WSEGSPACE:
      return WordBreak::kSpace;
    case U_WB_ALETTER:
      return WordBreak::kLetter;
    case U_WB_NUMERIC:
      return WordBreak::kNumber;
    case U_WB_EXTENDNUMLET:
      return WordBreak::kConnector;
    case U_WB_MIDLETTER:
      return WordBreak::kMidLetter;
    case U_WB_MIDNUM:
      return WordBreak::kMidNumber;
    case U_WB_MIDNUMLET:
    case U_WB_SINGLE_QUOTE:
      return WordBreak::kMidBoth;
    case U_WB_DOUBLE_QUOTE:
      return WordBreak::kOther;
    case U_WB_EXTEND:
    case U_WB_FORMAT:
      return WordBreak::kMark;
    default:
      return WordBreak::kIcu;
  }
}

WordBreak word_break_of(UChar32 character) {
  static const auto kinds = [] {
    auto table = std::make_unique<std::array<WordBreak, 0x10000>>();
    for (UChar32 c = 0; c < 0x10000; ++c) (*table)[static_cast<size_t>(c)] = break_by_properties(c);
    return table;
  }();
  if (character < 0) return WordBreak::kOther;
  return character < 0x10000 ? (*kinds)[static_cast<size_t>(character)]
                             : break_by_properties(character);
}

UChar32 first_character(std::string_view text) {
  UChar32 character = 0;
  int32_t next = 0;
  U8_NEXT(reinterpret_cast<const uint8_t*>(text.data()), next, static_cast<int32_t>(text.size()),
          character);
  return character;
}

bool is_lone_symbol(std::string_view word) {
  const auto character = first_character(word);
  return character >= 0 && word.size() == static_cast<size_t>(U8_LENGTH(character)) &&
         !u_isalnum(character);
}

// Takes the segments of one line in their order.
class WordSink {
 public:
  WordSink(std::string_view line, std::vector<std::string_view>& words)
      : line_(line), words_(words) {}

  void add(size_t begin, size_t end) {
    const auto word = line_.substr(begin, end - begin);
    const bool follows = begin == last_end_;
    last_end_ = end;
    if (u_isUWhiteSpace(first_character(word))) {
      symbol_ = {};
    } else if (follows && word == symbol_) {
      words_.back() = {words_.back().data(), words_.back().size() + word.size()};
    } else {
      words_.push_back(word);
      symbol_ = is_lone_symbol(word) ? word : std::string_view();
    }
  }

 private:
  std::string_view line_;
  std::vector<std::string_view>& words_;
  std::string_view symbol_;  // that the last word consists of
  size_t last_end_ = 0;
};

void add_by_icu(std::string_view line, std::vector<std::string_view>& words) {
  thread_local const auto iterator = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
    if (U_FAILURE(status)) throw DataError("words: {}: must have ICU's data", u_errorName(status));
    return made;
  }();
  UErrorCode status = U_ZERO_ERROR;
  UText opened = UTEXT_INITIALIZER;
  utext_openUTF8(&opened, line.data(), static_cast<int64_t>(line.size()), &status);
  iterator->setText(&opened, status);
  WordSink sink(line, words);
  if (U_SUCCESS(status)) {
    auto begin = iterator->first();
    for (auto end = iterator->next(); end != icu::BreakIterator::DONE; end = iterator->next()) {
      sink.add(static_cast<size_t>(begin), static_cast<size_t>(end));
      begin = end;
    }
  }
  utext_close(&opened);
}

bool stay_together(WordBreak before, WordBreak after) {
  const auto is_word = [](WordBreak kind) {
    return kind == WordBreak::kLetter || kind == WordBreak::kNumber;
  };
  if (before == WordBreak::kSpace) return after == WordBreak::kSpace;
  if (before == WordBreak::kConnector) return is_word(after) || after == WordBreak::kConnector;
  return is_word(before) && (is_word(after) || after == WordBreak::kConnector);
}

bool may_join_two(WordBreak middle, WordBreak of) {
  if (of == WordBreak::kLetter)
    return middle == WordBreak::kMidLetter || middle == WordBreak::kMidBoth;
  return of == WordBreak::kNumber &&
         (middle == WordBreak::kMidNumber || middle == WordBreak::kMidBoth);
}

// Annex 29 for characters of the kinds above kIcu, which it meets none of.
class Segments {
 public:
  explicit Segments(WordSink& sink) : sink_(sink) {}

  void add(size_t at, WordBreak kind) {
    if (kind == WordBreak::kMark && at > 0 && last_ != WordBreak::kNewline) {
      space_ = false;
      return;
    }
    if (middle_ != kNone) {
      if (kind == last_) {
        middle_ = kNone;
        return;
      }
      close(middle_, middle_kind_);
      middle_ = kNone;
    }
    if (at > 0 && stay_together(last_, kind) && (kind != WordBreak::kSpace || space_)) {
      last_ = kind;
    } else if (at > 0 && may_join_two(kind, last_)) {
      middle_ = at;
      middle_kind_ = kind;
    } else {
      close(at, kind);
    }
    space_ = kind == WordBreak::kSpace;
  }

  void finish(size_t end) {
    if (middle_ != kNone) close(middle_, middle_kind_);
    close(end, WordBreak::kOther);
  }

 private:
  static constexpr size_t kNone = ~size_t{0};

  void close(size_t at, WordBreak next) {
    if (at > begin_) sink_.add(begin_, at);
    begin_ = at;
    last_ = next;
  }

  WordSink& sink_;
  size_t begin_ = 0;
  WordBreak last_ = WordBreak::kOther;  // of the segment's last character that is no mark
  size_t middle_ = kNone;               // where a character stands that the next may show to join
  WordBreak middle_kind_ = WordBreak::kOther;
  bool space_ = false;  // the character before, marks included, is a space
};

// False, with `words` as it was, when ICU must decide.
bool add_by_rules(std::string_view line, std::vector<std::string_view>& words) {
  const auto before = words.size();
  WordSink sink(line, words);
  Segments segments(sink);
  const auto* bytes = reinterpret_cast<const uint8_t*>(line.data());
  for (size_t next = 0; next < line.size();) {
    const auto at = next;
    UChar32 character = 0;
    U8_NEXT(bytes, next, line.size(), character);
    const auto kind = word_break_of(character);
    if (kind == WordBreak::kIcu) {
      words.resize(before);
      return false;
    }
    segments.add(at, kind);
  }
  segments.finish(line.size());
  return true;
}

template <typename Use>
void for_each_piece(std::string_view text, const Use& use) {
  for (size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    if (end > begin) use(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

}  // namespace

void split_words(std::string_view text, std::vector<std::string_view>& words) {
  words.clear();
  for_each_piece(text, [&](std::string_view line) {
    if (!add_by_rules(line, words)) add_by_icu(line, words);
  });
}

void split_words_by_icu(std::string_view text, std::vector<std::string_view>& words) {
  words.clear();
  for_each_piece(text, [&](std::string_view line) { add_by_icu(line, words); });
}

}  // namespace reka::data
