#include "data/tokens/render.h"

#include <memory>
#include <string_view>
#include <utility>

#include <c10/util/Exception.h>

#include "reka/base/hash.h"

namespace reka::data {
namespace {

struct Marks {
  std::string_view open, placeholder, close;
};

Marks marks_of(Modality modality) {
  switch (modality) {
    case Modality::kImage:
      return {"<image>", "<REKA_IMG_TOKEN>", "</image>"};
    case Modality::kVideo:
      return {"<video>", "<REKA_IMG_TOKEN>", "</video>"};
    case Modality::kAudio:
      return {"<audio>", "<REKA_ADO_TOKEN>", "</audio>"};
    case Modality::kText:
      break;
  }
  TORCH_CHECK(false, "render: text is not a medium");
}

class Renderer {
 public:
  Renderer(const Document& document, const Tokenizer& tokenizer, Sample& sample)
      : document_(document), tokenizer_(tokenizer), sample_(sample) {}

  void add(const Part& part) {
    switch (part.kind) {
      case Part::Kind::kText:
        append(tokenizer_.encode(part.text), part.target);
        if (part.target) sample_.text_bytes += static_cast<int64_t>(part.text.size());
        sample_.whole = sample_.whole || !part.target;
        break;
      case Part::Kind::kSpecial:
        append({tokenizer_.special(part.text)}, part.target);
        break;
      case Part::Kind::kMedia:
        add_medium(part.media);
        break;
    }
  }

  void finish() { append({tokenizer_.end_of_text()}, true); }

 private:
  void add_medium(size_t index) {
    TORCH_CHECK(index < document_.media.size(), "render: medium ", index, " of ",
                document_.media.size(), " in ", document_.id);
    const auto& medium = document_.media[index];
    const auto marks = marks_of(medium.modality);
    append({tokenizer_.special(marks.open)}, false);
    sample_.media.push_back({.modality = medium.modality,
                             .geometry = medium.geometry,
                             .token = static_cast<int64_t>(sample_.tokens.size()),
                             .bytes = std::as_bytes(std::span(*sample_.files[index]))});
    append({tokenizer_.special(marks.placeholder), tokenizer_.special(marks.close)}, false);
    sample_.whole = true;
  }

  void append(const std::vector<int32_t>& ids, bool target) {
    const auto begin = static_cast<int32_t>(sample_.tokens.size());
    const auto length = static_cast<int32_t>(ids.size());
    sample_.tokens.insert(sample_.tokens.end(), ids.begin(), ids.end());
    if (!target || length == 0) return;
    auto& runs = sample_.targets;
    if (!runs.empty() && runs.back().begin + runs.back().length == begin) {
      runs.back().length += length;
    } else {
      runs.push_back({begin, length});
    }
  }

  const Document& document_;
  const Tokenizer& tokenizer_;
  Sample& sample_;
};

}  // namespace

Sample render(Document&& document, const Tokenizer& tokenizer) {
  Sample sample;
  sample.document_id = document.id;
  sample.key = xxh3_64(document.key);
  sample.source = document.source;
  sample.language = document.language;
  sample.split = document.split;
  sample.whole = document.whole;
  for (auto& medium : document.media) {
    sample.files.push_back(std::make_shared<const std::string>(std::move(medium.bytes)));
  }
  Renderer renderer(document, tokenizer, sample);
  for (const auto& part : document.parts) renderer.add(part);
  renderer.finish();
  return sample;
}

}  // namespace reka::data
