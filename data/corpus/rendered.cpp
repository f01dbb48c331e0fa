#include "data/corpus/rendered.h"

#include <memory>
#include <utility>

#include "data/corpus/packing.h"
#include "reka/base/files.h"

namespace reka::data {

void pack_sample(const Sample& sample, std::string& bytes) {
  Packer to(bytes);
  to.numbers(sample.tokens);
  to.numbers(sample.targets);
  to.number<uint64_t>(sample.media.size());
  for (const auto& item : sample.media) {
    to.number(item.modality);
    to.number(item.geometry);
    to.number(item.token);
    to.text({reinterpret_cast<const char*>(item.bytes.data()), item.bytes.size()});
  }
  to.number(sample.text_bytes);
  to.text(sample.document_id);
  to.number<uint8_t>(sample.whole ? 1 : 0);
  to.number(sample.key);
  to.text(sample.source);
  to.text(sample.language);
  to.number(sample.split);
  to.number(sample.origin);
}

std::vector<Sample> unpack_samples(std::string_view bytes) {
  std::vector<Sample> samples;
  Unpacker from(bytes);
  while (!from.done()) {
    auto& sample = samples.emplace_back();
    sample.tokens = from.numbers<int32_t>();
    sample.targets = from.numbers<TargetRun>();
    for (auto left = from.number<uint64_t>(); left > 0; --left) {
      auto& item = sample.media.emplace_back();
      item.modality = from.number<Modality>();
      item.geometry = from.number<Geometry>();
      item.token = from.number<int64_t>();
      sample.files.push_back(std::make_shared<const std::string>(from.text()));
      item.bytes = as_bytes(*sample.files.back());
    }
    sample.text_bytes = from.number<int64_t>();
    sample.document_id = from.text();
    sample.whole = from.number<uint8_t>() != 0;
    sample.key = from.number<uint64_t>();
    sample.source = from.text();
    sample.language = from.text();
    sample.split = from.number<Split>();
    sample.origin = from.number<Origin>();
  }
  return samples;
}

}  // namespace reka::data
