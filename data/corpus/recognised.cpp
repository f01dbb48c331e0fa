#include "data/corpus/recognised.h"

#include <utility>

#include <c10/util/Exception.h>

#include "reka/base/hash.h"

namespace reka::data {

std::vector<RecognisedMedia> recognised(Document&& document, const LikenessConfig& config) {
  TORCH_CHECK(document.fingerprints.size() == document.media.size(),
              "recognised: media were not decoded when the corpus was read");
  std::vector<RecognisedMedia> found;
  for (size_t n = 0; n < document.media.size(); ++n) {
    auto& made = document.fingerprints[n];
    forget_plain(made, config);
    found.push_back({xxh3_64(document.media[n].bytes), std::move(made)});
  }
  return found;
}

}  // namespace reka::data
