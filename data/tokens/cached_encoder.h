#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace reka::data {

/// What SentencePieceProcessor::Encode gives for a BPE model, faster: the text is cut wherever no
/// piece of the vocabulary has the two characters beside each other. No merge can reach over such a
/// place, so that the ids of the parts, one after the other, are those of the whole. Parts are a
/// few characters long, so that merging them takes no queue, and come again: each thread remembers
/// them.
class CachedEncoder {
 public:
  /// Null for a model whose parts are not independent, or for which merges do not say all: one of
  /// another type, that changes its text, or with unused pieces or without bytes to fall back on.
  /// `processor` has to live as long; `fingerprint` tells models apart.
  static std::unique_ptr<const CachedEncoder> make(
      const sentencepiece::SentencePieceProcessor& processor, std::string_view model,
      uint64_t fingerprint);

  /// Adds the ids of `text`, which holds no U+2581, the mark that pieces have for a space.
  void encode(std::string_view text, std::vector<int32_t>& ids) const;

 private:
  struct Merge {
    uint64_t pair = 0;
    int32_t result = 0;
    float score = 0;
  };
  struct Symbol;

  CachedEncoder(const sentencepiece::SentencePieceProcessor& processor, uint64_t fingerprint);

  bool learn_pieces();
  void learn_merges(const std::string& piece, const Merge& merge,
                    const std::unordered_map<std::string, int32_t>& ids);
  size_t place_of(uint64_t pair) const;
  const Merge* find_merge(int32_t left, int32_t right) const;
  int32_t id_of(int32_t character) const;
  void encode_part(std::string_view part, std::vector<int32_t>& ids) const;
  bool merge_part(std::string_view part, std::vector<int32_t>& ids) const;

  const sentencepiece::SentencePieceProcessor& processor_;
  uint64_t fingerprint_;
  std::vector<bool> neighbours_;     // by hash: two that share a place are only cut less often
  std::vector<int32_t> characters_;  // ids of the first 2^16
  std::unordered_map<int32_t, int32_t> other_characters_;
  std::array<int32_t, 256> bytes_ = {};
  std::vector<Merge> merges_;  // by hash of the pair; open addressing
};

}  // namespace reka::data
