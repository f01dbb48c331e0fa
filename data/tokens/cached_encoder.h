#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace reka::data {

/// What SentencePieceProcessor::Encode gives, faster: the text is cut wherever no piece of the
/// vocabulary has the two characters beside each other. No merge can reach over such a place, so
/// that the ids of the parts, one after the other, are those of the whole; and short parts come
/// again and again: each thread remembers theirs.
class CachedEncoder {
 public:
  /// Of a BPE model that takes text as it is; null for others, whose parts are not independent.
  /// `processor` has to live as long; `fingerprint` tells models apart.
  static std::unique_ptr<const CachedEncoder> make(
      const sentencepiece::SentencePieceProcessor& processor, std::string_view model,
      uint64_t fingerprint);

  /// Adds the ids of `text`, which holds no U+2581, the mark that pieces have for a space.
  void encode(std::string_view text, std::vector<int32_t>& ids) const;

 private:
  CachedEncoder(const sentencepiece::SentencePieceProcessor& processor, uint64_t fingerprint);

  void add_neighbours(std::string_view piece);
  void encode_part(std::string_view part, std::vector<int32_t>& ids) const;

  const sentencepiece::SentencePieceProcessor& processor_;
  uint64_t fingerprint_;
  std::vector<bool> neighbours_;  // by hash: two that share a place are only cut less often
};

}  // namespace reka::data
