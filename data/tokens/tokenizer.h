#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reka::data {

inline constexpr int64_t kNumSpanSentinels = 56;

/// The symbols with a meaning to the program, in the order of their ids after <unk> = 0:
/// <|endoftext|> (end and padding; there is no bos), the 19 of paper.md 3.5, the span sentinels
/// <extra_id_0> ... <extra_id_55>, the modes [S2S] [NLU] [NLG] of UL2R.
const std::vector<std::string>& special_symbols();

/// Text <-> ids. Plain text never yields the id of a special: a literal such as `<sep>` is encoded
/// as a model without specials would, as transformers does with split_special_tokens.
/// decode(encode(x)) == x for every UTF-8 text.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// A tokenizer.model file, or a folder that holds one: shards, a checkpoint, an exported folder,
  /// a run (of its newest checkpoint). Throws DataError, and CheckpointError for a run without one.
  static std::shared_ptr<const Tokenizer> load(const std::filesystem::path& path);
  /// A model in memory; `place` names it in errors.
  static std::shared_ptr<const Tokenizer> from_bytes(std::string model, const std::string& place);

  virtual std::vector<int32_t> encode(std::string_view text) const = 0;
  /// As transformers does: specials in the text become their ids.
  virtual std::vector<int32_t> encode_with_specials(std::string_view text) const = 0;
  /// Bytes that are not UTF-8, such as half a character, become U+FFFD.
  virtual std::string decode(std::span<const int32_t> ids) const = 0;
  virtual std::string piece(int32_t id) const = 0;

  virtual int32_t special(std::string_view symbol) const = 0;  // throws DataError when absent
  virtual bool is_special(int32_t id) const = 0;
  virtual int64_t vocab_size() const = 0;
  virtual uint64_t fingerprint() const = 0;            // XXH3-64 of the model file
  virtual const std::string& model_bytes() const = 0;  // what goes into checkpoints and exports

  int32_t end_of_text() const { return special("<|endoftext|>"); }
};

}  // namespace reka::data
