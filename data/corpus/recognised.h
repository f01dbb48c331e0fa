#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "data/corpus/document.h"
#include "data/media/fingerprint.h"

namespace reka::data {

/// What tells a medium of a corpus from others.
struct RecognisedMedia {
  uint64_t content = 0;     // XXH3-64 of its bytes
  Fingerprint fingerprint;  // empty: known byte for byte alone

  static auto members(auto& self) { return std::tie(self.content, self.fingerprint); }
};

/// The media of a document that were decoded when it was read.
std::vector<RecognisedMedia> recognised(Document&& document, const LikenessConfig& config);

}  // namespace reka::data
