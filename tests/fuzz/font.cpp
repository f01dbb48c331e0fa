#include "data/corpus/emoji_set.h"
#include "tests/fuzz/input.h"

// Fonts with a CBDT table: characters through cmap and GSUB to pictures.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const reka::fuzz::InputFile file(data, size);
  return reka::fuzz::parsed([&] {
    const reka::data::EmojiSet set(file.path(), {"😀", "❤", "A", "🇩🇪"});
    for (const auto& emoji : set.all()) set.png(emoji);
  });
}
