#pragma once

#include <cstdint>

#include "data/corpus/document.h"
#include "reka/base/hash.h"

namespace reka::data {

/// What is kept in memory of a document while all are compared.
struct DocumentMark {
  Hash128 content;
  uint32_t text_bytes = 0;
  uint16_t language = 0;
  Split split = Split::kTrain;
};

/// XXH3-128 of the parts and media; the same for the same content under another name or language.
Hash128 content_hash(const Document& document);

}  // namespace reka::data
