#include "data/corpus/personal_data.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "data/corpus/lines.h"
#include "reka/base/hash.h"

namespace reka::data {
namespace {

constexpr std::array<std::string_view, 2> kEmails = {"email@example.com",
                                                     "firstname.lastname@example.org"};
// Those of datatrove, which answered no request when it chose them.
constexpr std::array<std::string_view, 6> kIps = {"22.214.171.124", "126.96.36.199",
                                                  "188.8.131.52",   "184.108.40.206",
                                                  "220.127.116.11", "18.104.22.168"};

constexpr std::array<std::string_view, 2> kIps6 = {"2001:db8::1", "2001:db8::2"};

constexpr size_t kMostOfUrl = 256;  // bytes before an @: many stand in texts without spaces

struct Found {
  size_t begin = 0;
  size_t end = 0;
  std::span<const std::string_view> replacements;

  bool is_email() const { return replacements.data() == kEmails.data(); }
};

bool is_ascii_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alphanumeric(char c) {
  return is_ascii_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_local(char c) {
  return is_alphanumeric(c) ||
         std::string_view("!#$%&'*+/=?^_`{|}~-").find(c) != std::string_view::npos;
}
UScriptCode unicode_script(int32_t character) {
  UErrorCode status = U_ZERO_ERROR;
  return uscript_getScript(character, &status);
}
// Of a word that an address may be a part of: in scripts without spaces one stands beside others.
bool is_word_character(int32_t character) {
  if (character == '_') return true;
  if (character < 0 || !u_isalnum(character)) return false;
  constexpr std::array kUnspaced = {USCRIPT_HAN,    USCRIPT_HIRAGANA, USCRIPT_KATAKANA,
                                    USCRIPT_HANGUL, USCRIPT_THAI,     USCRIPT_LAO,
                                    USCRIPT_KHMER,  USCRIPT_MYANMAR,  USCRIPT_TIBETAN};
  return character < 0x80 ||
         std::ranges::find(kUnspaced, unicode_script(character)) == kUnspaced.end();
}
std::string to_lower_ascii(std::string_view text) {
  std::string result(text);
  for (auto& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return result;
}

// Of alphabets that are written with spaces and take no endings at a foreign word.
bool is_european_letter(int32_t character) {
  if (character < 0x80 || !u_isalpha(character)) return false;
  const auto script = unicode_script(character);
  return script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC ||
         script == USCRIPT_ARMENIAN || script == USCRIPT_GEORGIAN;
}

// Where the part before the @ begins: as far left as letters and single dots go, at the edge of a
// word. `at` when there is none.
size_t local_begin(std::string_view text, size_t from, size_t at) {
  auto begin = at;
  while (begin > from) {
    const auto before = last_character_of(text.substr(from, begin - from));
    const bool is_dot = before == '.' && begin < at && text[begin] != '.';
    const bool is_ascii = before >= 0 && before < 0x80 && is_local(static_cast<char>(before));
    if (!is_dot && !is_ascii && !is_european_letter(before)) break;
    begin -= static_cast<size_t>(U8_LENGTH(before));
  }
  while (begin < at) {
    const auto here = first_character_of(text.substr(begin));
    const bool before = is_word_character(last_character_of(text.substr(0, begin)));
    if (here != '.' && before != is_word_character(here)) return begin;
    begin += static_cast<size_t>(U8_LENGTH(here));
  }
  return at;
}

// Bytes of the letter or digit at this place; 0: there is none.
size_t letter_bytes(std::string_view text, size_t at) {
  if (at >= text.size()) return 0;
  if (is_alphanumeric(text[at])) return 1;
  const auto character = first_character_of(text.substr(at));
  return is_european_letter(character) ? static_cast<size_t>(U8_LENGTH(character)) : 0;
}

// Behind the @: labels of letters, digits and inner hyphens, two or more with dots between.
size_t domain_end(std::string_view text, size_t begin) {
  size_t end = begin, labels = 0;
  for (auto at = begin; letter_bytes(text, at) > 0;) {
    auto label = at;
    while (label < text.size()) {
      const auto bytes = text[label] == '-' ? 1 : letter_bytes(text, label);
      if (bytes == 0) break;
      label += bytes;
    }
    const bool goes_on = label < text.size() && text[label] == '.' && text[label - 1] != '-';
    auto last = label;
    while (text[last - 1] == '-') --last;
    ++labels;
    end = last;
    if (!goes_on) break;
    at = label + 1;
  }
  return labels >= 2 ? end : begin;
}

bool is_example(std::string_view email) {
  const auto domain = to_lower_ascii(email.substr(email.find('@') + 1));
  for (const std::string_view example : {"example.com", "example.org", "example.net"}) {
    if (domain == example || domain.ends_with("." + std::string(example))) return true;
  }
  return false;
}

// A version (lodash@4.17.21) or the size of a picture (icon@2x.png), which are no domain.
bool is_no_domain(std::string_view domain) {
  const auto last = domain.substr(domain.rfind('.') + 1);
  if (last.find_first_not_of("0123456789") == last.npos) return true;
  return domain.size() > 2 && is_ascii_digit(domain[0]) && domain.substr(1).starts_with("x.");
}

// "user:word@host" of a URL, which has its own end at the host.
bool is_user_of_url(std::string_view before) {
  before = before.substr(before.size() - std::min(before.size(), kMostOfUrl));
  const auto token = before.substr(before.find_last_of(" \t\n") + 1);
  const auto scheme = token.rfind("://");
  return scheme != token.npos && token.find('/', scheme + 3) == token.npos;
}

std::optional<Found> email_at(std::string_view text, size_t from, size_t at) {
  const auto begin = local_begin(text, from, at);
  if (begin == at) return std::nullopt;
  const auto end = domain_end(text, at + 1);
  if (end == at + 1 || is_example(text.substr(begin, end - begin)) ||
      is_no_domain(text.substr(at + 1, end - at - 1)) || is_user_of_url(text.substr(0, begin)))
    return std::nullopt;
  return Found{begin, end, kEmails};
}

bool is_public(const std::array<int, 4>& ip) {
  const auto [a, b, c, d] = ip;
  if (a == 0 || a == 10 || a == 127 || a >= 224) return false;
  if (a == 100 && b >= 64 && b < 128) return false;
  if (a == 169 && b == 254) return false;
  if (a == 172 && b >= 16 && b < 32) return false;
  if (a == 192 && (b == 168 || (b == 0 && (c == 0 || c == 2)))) return false;
  if (a == 198 && (b == 18 || b == 19 || (b == 51 && c == 100))) return false;
  return a != 203 || b != 0 || c != 113;
}

// Whether the number behind these words counts versions or sections.
bool follows_a_version_word(std::string_view before) {
  before = trim_end(before.substr(before.size() - std::min<size_t>(before.size(), 32)));
  while (!before.empty() && (before.back() == ':' || before.back() == '.')) {
    before.remove_suffix(1);
  }
  auto begin = before.size();
  while (begin > 0 && is_alphanumeric(before[begin - 1])) --begin;
  const auto word = to_lower_ascii(before.substr(begin));
  static constexpr std::array<std::string_view, 24> kWords = {
      "version",  "versions", "ver",     "v",        "release", "rev",    "revision", "build",
      "firmware", "patch",    "section", "sections", "chapter", "figure", "table",    "clause",
      "article",  "appendix", "annex",   "kernel",   "rfc",     "oid",    "tls",      "ssl"};
  return std::ranges::find(kWords, word) != kWords.end();
}

struct Octets {
  std::array<int, 4> numbers{};
  size_t bytes = 0;  // 0: there are none
};

Octets octets_of(std::string_view text) {
  Octets octets;
  size_t next = 0;
  for (size_t n = 0; n < 4; ++n) {
    if (n > 0 && (next >= text.size() || text[next++] != '.')) return {};
    const auto begin = next;
    auto& number = octets.numbers[n];
    while (next < text.size() && is_ascii_digit(text[next]) && next - begin < 4) {
      number = number * 10 + (text[next++] - '0');
    }
    const bool is_octet = next > begin && next - begin <= 3 && number <= 255 &&
                          (text[begin] != '0' || next - begin == 1);
    if (!is_octet) return {};
  }
  octets.bytes = next;
  return octets;
}

// "3.1.2.1 Scope" at the beginning of a line: small numbers before a word with a capital.
bool is_heading(std::string_view text, size_t at, std::string_view rest,
                const std::array<int, 4>& numbers) {
  if (at > 0 && text[at - 1] != '\n') return false;
  if (std::ranges::any_of(numbers, [](int number) { return number > 20; })) return false;
  return rest.starts_with(' ') && u_isupper(first_character_of(rest.substr(1)));
}

// Four numbers that begin at `at`, which is no digit's right neighbour.
std::optional<Found> ip_at(std::string_view text, size_t at) {
  const auto [numbers, bytes] = octets_of(text.substr(at));
  if (bytes == 0) return std::nullopt;
  const auto next = at + bytes;
  const auto rest = text.substr(next);
  if (is_word_character(first_character_of(rest))) return std::nullopt;
  if (rest.starts_with('-') && octets_of(rest.substr(1)).bytes == 0) return std::nullopt;
  if (rest.starts_with('.') && rest.size() > 1 && is_ascii_digit(rest[1])) return std::nullopt;
  if (!is_public(numbers) || follows_a_version_word(text.substr(0, at))) return std::nullopt;
  if (is_heading(text, at, rest, numbers)) return std::nullopt;
  if (std::ranges::find(kIps, text.substr(at, next - at)) != kIps.end()) return std::nullopt;
  return Found{at, next, kIps};
}

// Behind groups of an address: "fd00:1:", but not "IPv6:".
bool stands_in_groups(std::string_view before) {
  if (!before.ends_with(':')) return false;
  before.remove_suffix(1);
  const auto rest = before.substr(0, before.find_last_not_of("0123456789abcdefABCDEF") + 1);
  const bool has_group = rest.size() < before.size();
  return rest.ends_with(':') || (has_group && !is_word_character(last_character_of(rest)));
}

// "2024:12:30:45:10:11:12:13", which counts something.
bool has_only_short_numbers(std::string_view groups) {
  if (groups.find("::") != groups.npos || groups.find_first_not_of("0123456789:") != groups.npos)
    return false;
  for (size_t begin = 5; begin < groups.size(); begin = groups.find(':', begin) + 1) {
    const auto end = std::min(groups.find(':', begin), groups.size());
    if (end - begin > 2) return false;
    if (end == groups.size()) break;
  }
  return true;
}

// The first group has four digits and begins with 2 or 3: no name of a programming language does.
std::optional<Found> ip6_at(std::string_view text, size_t at) {
  constexpr size_t kLongest = INET6_ADDRSTRLEN - 1;
  constexpr std::string_view kCharacters = "0123456789abcdefABCDEF:.";
  if (text[at + 4] != ':' || stands_in_groups(text.substr(0, at))) return std::nullopt;
  auto end = text.find_first_not_of(kCharacters, at);
  end = std::min(end, text.size());
  if (end - at < 6 || end - at > kLongest + 1) return std::nullopt;
  if (is_word_character(first_character_of(text.substr(end)))) return std::nullopt;
  if (text[end - 1] == '.') --end;  // of the sentence
  if (text[end - 1] == ':' && text[end - 2] != ':') --end;
  in6_addr address = {};
  const std::string found(text.substr(at, end - at));
  if (inet_pton(AF_INET6, found.c_str(), &address) != 1 || has_only_short_numbers(found))
    return std::nullopt;
  const auto* bytes = address.s6_addr;
  const bool is_example =
      (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0D && bytes[3] == 0xB8) ||
      (bytes[0] == 0x3F && bytes[1] == 0xFF && bytes[2] < 0x10);
  if (is_example || (bytes[0] & 0xE0U) != 0x20) return std::nullopt;
  return Found{at, end, kIps6};
}

// `done`: the end of the address before; the second of a range stands behind its hyphen.
bool may_begin_ip(std::string_view text, size_t at, size_t done) {
  if (!is_ascii_digit(text[at]) || at + 7 > text.size()) return false;
  const auto before = last_character_of(text.substr(0, at));
  return !is_word_character(before) && before != '.' &&
         (before != '-' || (done > 0 && done + 1 == at));
}

template <typename Use>
void for_each_found(std::string_view text, const Use& use) {
  size_t done = 0;  // end of what was found last
  for (size_t at = 0; at < text.size(); ++at) {
    std::optional<Found> found;
    if (text[at] == '@') {
      found = email_at(text, done, at);
    } else if (is_ascii_digit(text[at]) && (at == 0 || !is_ascii_digit(text[at - 1])) &&
               may_begin_ip(text, at, done)) {
      found = ip_at(text, at);
      if (!found) found = ip6_at(text, at);
    }
    if (!found) continue;
    use(*found);
    done = found->end;
    at = found->end - 1;
  }
}

}  // namespace

PersonalData find_personal_data(std::string_view text) {
  PersonalData data;
  for_each_found(text, [&](const Found& found) { ++(found.is_email() ? data.emails : data.ips); });
  return data;
}

PersonalData replace_personal_data(std::string& text) {
  PersonalData data;
  std::string replaced;
  size_t done = 0;
  for_each_found(text, [&](const Found& found) {
    const auto hash = xxh3_64(std::string_view(text).substr(found.begin, found.end - found.begin));
    replaced.append(text, done, found.begin - done);
    replaced += found.replacements[hash % found.replacements.size()];
    done = found.end;
    ++(found.is_email() ? data.emails : data.ips);
  });
  if (done == 0) return data;
  replaced.append(text, done);
  text = std::move(replaced);
  return data;
}

}  // namespace reka::data
