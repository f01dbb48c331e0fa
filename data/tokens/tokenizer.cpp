#include "data/tokens/tokenizer.h"

#include <unordered_map>

#include <sentencepiece_processor.h>

#include "data/tokens/cached_encoder.h"
#include "data/tokens/protobuf.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/weights/checkpoint.h"

namespace reka::data {
namespace {

constexpr std::string_view kSpaceMark = "\u2581";  // SentencePiece writes a space so

std::vector<std::string> make_special_symbols() {
  std::vector<std::string> symbols = {"<|endoftext|>",   "<|endofchunk|>",  "<REKA_IMG_TOKEN>",
                                      "<image>",         "</image>",        "<REKA_ADO_TOKEN>",
                                      "<audio>",         "</audio>",        "<video>",
                                      "</video>",        "<transcript>",    "</transcript>",
                                      "<ocr>",           "</ocr>",          "<sep>",
                                      "<tool>",          "<tool_call>",     "</tool_call>",
                                      "<tool_response>", "</tool_response>"};
  for (int64_t n = 0; n < kNumSpanSentinels; ++n)
    symbols.push_back(fmt::format("<extra_id_{}>", n));
  symbols.insert(symbols.end(), {"[S2S]", "[NLU]", "[NLG]"});
  return symbols;
}

/// The same model with control symbols in place of the user-defined ones: no text yields those.
/// ModelProto: repeated 1 pieces; SentencePiece: 3 type, of which 3 is control, 4 user-defined.
std::string without_symbols(std::string model) {
  constexpr auto kPieces = field_key(1, WireType::kBytes);
  constexpr auto kType = field_key(3, WireType::kVarint);
  std::vector<size_t> types;
  for_each_field(model, [&](uint64_t field, size_t piece, size_t bytes) {
    if (field != kPieces) return;
    for_each_field(std::string_view(model).substr(piece, bytes),
                   [&](uint64_t key, size_t begin, size_t) {
                     if (key == kType) types.push_back(piece + begin);
                   });
  });
  for (const auto type : types) {
    if (model[type] == 4) model[type] = 3;
  }
  return model;
}

class SentencePieceTokenizer final : public Tokenizer {
 public:
  SentencePieceTokenizer(std::string bytes, const std::string& place) : bytes_(std::move(bytes)) {
    if (bytes_.empty() || !processor_.LoadFromSerializedProto(bytes_).ok()) {
      throw DataError("{}: not a SentencePiece model: must be a whole tokenizer.model", place);
    }
    const auto status = plain_.LoadFromSerializedProto(without_symbols(bytes_));
    if (!status.ok()) throw DataError("{}: {}: must be loadable", place, status.ToString());
    fingerprint_ = xxh3_64(bytes_);
    cached_ = CachedEncoder::make(plain_, bytes_, fingerprint_);
    for (const auto& symbol : special_symbols()) {
      const int id = processor_.PieceToId(symbol);
      if (processor_.IdToPiece(id) == symbol) specials_.emplace(symbol, id);
    }
    special_ids_.resize(static_cast<size_t>(vocab_size()));
    for (const auto& [symbol, id] : specials_) special_ids_[static_cast<size_t>(id)] = true;
    for (const unsigned char byte : kSpaceMark) {
      space_mark_.push_back(processor_.PieceToId(fmt::format("<0x{:02X}>", byte)));
    }
    check_round_trip(place);
  }

  std::vector<int32_t> encode(std::string_view text) const override {
    std::vector<int32_t> ids;
    for (auto at = text.find(kSpaceMark); at != text.npos; at = text.find(kSpaceMark)) {
      append_plain(text.substr(0, at), ids);
      ids.insert(ids.end(), space_mark_.begin(), space_mark_.end());
      text.remove_prefix(at + kSpaceMark.size());
    }
    append_plain(text, ids);
    return ids;
  }

  std::vector<int32_t> encode_with_specials(std::string_view text) const override {
    std::vector<int32_t> ids;
    append(processor_, text, ids);
    return ids;
  }

  std::string decode(std::span<const int32_t> ids) const override {
    for (const auto id : ids) check_id(id);
    std::string text;
    const auto status = processor_.Decode(std::vector<int>(ids.begin(), ids.end()), &text);
    if (!status.ok()) throw DataError("tokenizer: {}: ids must be decodable", status.ToString());
    return text;
  }

  std::string piece(int32_t id) const override {
    check_id(id);
    return processor_.IdToPiece(id);
  }

  int32_t special(std::string_view symbol) const override {
    const auto found = specials_.find(std::string(symbol));
    if (found == specials_.end()) {
      throw DataError("tokenizer: {}: must be a piece of the model, is not", symbol);
    }
    return found->second;
  }

  bool is_special(int32_t id) const override {
    return id >= 0 && id < vocab_size() && special_ids_[static_cast<size_t>(id)];
  }

  int64_t vocab_size() const override { return processor_.GetPieceSize(); }
  uint64_t fingerprint() const override { return fingerprint_; }
  const std::string& model_bytes() const override { return bytes_; }

 private:
  static void append(const sentencepiece::SentencePieceProcessor& processor, std::string_view text,
                     std::vector<int32_t>& ids) {
    if (text.empty()) return;
    std::vector<int32_t> some;
    const auto status = processor.Encode(text, &some);
    if (!status.ok()) throw DataError("tokenizer: {}: text must be encodable", status.ToString());
    ids.insert(ids.end(), some.begin(), some.end());
  }

  void append_plain(std::string_view text, std::vector<int32_t>& ids) const {
    if (cached_ != nullptr) return cached_->encode(text, ids);
    append(plain_, text, ids);
  }

  void check_id(int32_t id) const {
    if (id < 0 || id >= vocab_size()) {
      throw DataError("tokenizer: id {}: must be in [0, {})", id, vocab_size());
    }
  }

  // A model cut behind its pieces still loads, with other rules for spaces; so do models that trim
  // spaces or have no bytes to fall back on.
  void check_round_trip(const std::string& place) const {
    const std::string probe = "  a\t\n b \u2581\U0001F9FF<sep>";
    if (!specials_.contains("<|endoftext|>")) {
      throw DataError("{}: has no piece <|endoftext|>: must be a model with reka's symbols", place);
    }
    if (decode(encode(probe)) != probe) {
      throw DataError("{}: changes spaces or rare characters: must give back every text", place);
    }
  }

  std::string bytes_;
  uint64_t fingerprint_ = 0;
  sentencepiece::SentencePieceProcessor processor_;  // finds specials in the text
  sentencepiece::SentencePieceProcessor plain_;      // knows none
  std::unique_ptr<const CachedEncoder> cached_;      // of plain_, where it can be
  std::unordered_map<std::string, int32_t> specials_;
  std::vector<bool> special_ids_;
  std::vector<int32_t> space_mark_;  // U+2581 itself, as bytes: its own piece would mean a space
};

}  // namespace

const std::vector<std::string>& special_symbols() {
  static const auto symbols = make_special_symbols();
  return symbols;
}

std::shared_ptr<const Tokenizer> Tokenizer::load(const std::filesystem::path& path) {
  const auto folder = newest_of_run(path, CheckpointUse::kTokenizer);
  const auto file = std::filesystem::is_directory(folder) ? folder / "tokenizer.model" : folder;
  return std::make_shared<SentencePieceTokenizer>(read_file(file), file.string());
}

std::shared_ptr<const Tokenizer> Tokenizer::from_bytes(std::string model,
                                                       const std::string& place) {
  return std::make_shared<SentencePieceTokenizer>(std::move(model), place);
}

}  // namespace reka::data
