#include "data/corpus/stop_words.h"

#include <map>
#include <string>
#include <unordered_map>
#include <utility>

namespace reka::data {

struct StopWordTable {
  struct Bits {
    uint32_t gopher = 0, language = 0;
  };
  std::unordered_map<std::string_view, Bits> words;
  size_t longest = 0;  // bytes
  bool known = false;
};

namespace {

constexpr std::string_view kGopher = "the be to of and that have with";

// The parameters of FineWeb-2 (huggingface/fineweb-2, configs/*.yml) by our tags; English has none
// there, and Gopher's stand in.
constexpr std::pair<std::string_view, std::string_view> kByLanguage[] = {
    {"en", kGopher},
    {"ar", "، في من على إلى عام أن مع أو هو عن التي كان بين ما كانت هي المتحدة بعد"},
    {"bg", "на и в е от за се г. с през да по"},
    {"bn", "এবং ও হয় করে একটি তিনি করা থেকে"},
    {"cs", "v a se na je z s do"},
    {"da", "i og af en til er den at som på for med det blev var der fra de han et"},
    {"de", "der und die in von im den des mit das er dem als wurde für"},
    {"el", "του και το της η την από ο με τον να που των στην για στο σε είναι τη τα οι"},
    {"es", "de la en el y a que del los se por un con una las su"},
    {"fa", "در و ، به از که است این را با یک"},
    {"fi",
     "ja on oli hän vuonna myös joka se ei sen ovat sekä mutta että tai vuoden kanssa hänen s. "
     "jälkeen the"},
    {"fr", "de la le et à en l' des du les est d' un une il dans par au"},
    {"he", "של את על הוא עם בשנת גם היה היא לאחר לא ידי בין או כי"},
    {"hi", "के में है की और से का को एक हैं पर"},
    {"hu", "a az és is egy volt hogy nem meg de magyar első el között"},
    {"id", "dan yang di pada dari ini dengan adalah untuk dalam"},
    {"it", "di e il la in a del che è della un per nel l' con da i una"},
    {"ja", "の に を は た て が と で 年 し ・ 月 れ さ"},
    {"ko", "의 다 이 는 에 을 한 년 하 은 를 했 고 에서 가 있 으로 인 월 로 되"},
    {"nl", "de van in het een en is op voor met door zijn werd hij uit"},
    {"no", "i og av som en er til på for ble med den det var han de å fra"},
    {"pl", "w i na z do się roku od a jest przez po jako oraz o został był nie"},
    {"pt", "de a e o em do da que um no uma com para na é foi"},
    {"ro", "de în a și din la o cu este un pe fost care al"},
    {"ru", "в и на с года по году из был к не от что за для его как а он также до после"},
    {"sv", "i och är av en som den med på till att för"},
    {"sw", "ya na wa katika kwa ni la za mwaka"},
    {"ta",
     "மற்றும் ஒரு இந்த ஆம் இது என்ற இவர் உள்ள ஆகும் ஆண்டு அல்லது என்பது முதல் உள்ளது என்று இந்திய மக்கள் ஊராட்சி இல் "
     "இருந்து மேலும் பல"},
    {"te", "నుండి కి ఉన్నాయి మీ గ్రామం ఉంది దూరంలో ఈ కేంద్రం"},
    {"th", "ใน ที่ และ ของ เป็น มี การ ได้"},
    {"tr", "ve bir olarak bu ile için olan da de tarafından yılında sonra en daha ilk the"},
    {"uk", "у в на і з та до року за що"},
    {"ur", "کے میں ، کی اور ہے سے کا نے اس پر کو ایک"},
    {"vi", "là và của một được trong năm các có loài này đã người"},
    {"zh", "的 年 在 月 是 和 日 了 於 · 為 有 被 人 中 为 他 與 後 也 而 由"},
};

template <typename Use>
void for_each_word(std::string_view list, const Use& use) {
  for (uint32_t bit = 1; !list.empty(); bit <<= 1) {
    const auto word = list.substr(0, list.find(' '));
    list.remove_prefix(std::min(word.size() + 1, list.size()));
    use(word, bit);
  }
}

StopWordTable table_of(std::string_view list) {
  StopWordTable table;
  for_each_word(kGopher, [&](auto word, auto bit) { table.words[word].gopher = bit; });
  for_each_word(list, [&](auto word, auto bit) { table.words[word].language = bit; });
  for (const auto& [word, bits] : table.words) table.longest = std::max(table.longest, word.size());
  table.known = !list.empty();
  return table;
}

const StopWordTable& table_for(std::string_view language) {
  static const auto tables = [] {
    std::map<std::string_view, StopWordTable> all = {{"", table_of("")}};
    for (const auto& [tag, list] : kByLanguage) all.emplace(tag, table_of(list));
    return all;
  }();
  auto found = tables.find(language);
  if (found == tables.end()) found = tables.find(language.substr(0, language.find('-')));
  return found == tables.end() ? tables.at("") : found->second;
}

}  // namespace

StopWords::StopWords(std::string_view language) : table_(table_for(language)) {}

void StopWords::add(std::string_view word) {
  if (word.size() > table_.longest) return;
  const auto found = table_.words.find(word);
  if (found == table_.words.end()) return;
  gopher_ |= found->second.gopher;
  language_ |= found->second.language;
}

bool StopWords::known() const {
  return table_.known;
}

}  // namespace reka::data
