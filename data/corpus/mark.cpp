#include "data/corpus/mark.h"

#include <span>
#include <string_view>

namespace reka::data {

Hash128 content_hash(const Document& document) {
  Hasher hasher;
  const auto add = [&](char kind, std::string_view bytes) {
    const auto size = bytes.size();
    hasher.update(std::string_view(&kind, 1));
    hasher.update(std::as_bytes(std::span(&size, 1)));
    hasher.update(bytes);
  };
  for (const auto& part : document.parts) {
    switch (part.kind) {
      case Part::Kind::kText:
        add(part.target ? 't' : 'c', part.text);
        break;
      case Part::Kind::kSpecial:
        add('s', part.text);
        break;
      case Part::Kind::kMedia:
        add('m', document.media.at(part.media).bytes);
        break;
    }
  }
  return hasher.hash128();
}

}  // namespace reka::data
