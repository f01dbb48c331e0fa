#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

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

/// Which documents are the first with their content; where it stands on several sides the one in
/// training stays, then the one in dev. The order of the marks decides, nothing else.
std::vector<bool> first_of_each(std::span<const DocumentMark> marks);

void for_each_line(std::string_view text, const std::function<void(std::string_view)>& use);

/// The lines of held-out texts, and which of them stand in training text too, word for word.
class HeldOutLines {
 public:
  explicit HeldOutLines(std::vector<uint64_t> hashes);  // xxh3_64 of each line, in any order

  void mark_seen(std::string_view line);  // from any thread
  bool seen(std::string_view line) const;

 private:
  std::vector<uint64_t> hashes_;
  std::unique_ptr<std::atomic<bool>[]> seen_;
};

}  // namespace reka::data
