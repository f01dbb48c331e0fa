#include "data/corpus/token_text.h"

#include "reka/base/error.h"

namespace reka::data {

TokenText::TokenText(const std::filesystem::path& root, const std::string& path) {
  if (path.empty()) return;
  path_ = root / path;
  tokenizer_ = Tokenizer::load(path_);
}

std::vector<std::string> TokenText::texts(std::span<const int64_t> ids) const {
  if (tokenizer_ == nullptr) throw DataError("token ids: need `tokenizer`, the one that made them");
  std::vector<std::string> texts;
  std::vector<int32_t> piece;
  const auto close = [&] {
    if (!piece.empty()) texts.push_back(tokenizer_->decode(piece));
    piece.clear();
  };
  for (const auto id : ids) {
    if (id < 0 || id >= tokenizer_->vocab_size())
      throw DataError("id {}: the tokenizer has {}", id, tokenizer_->vocab_size());
    const auto token = static_cast<int32_t>(id);
    if (token == tokenizer_->end_of_text()) {
      close();
    } else if (tokenizer_->is_special(token)) {
      throw DataError("id {}: is the special {}, no text", id, tokenizer_->piece(token));
    } else {
      piece.push_back(token);
    }
  }
  close();
  return texts;
}

std::vector<std::filesystem::path> TokenText::inputs() const {
  if (path_.empty()) return {};
  const auto inside = path_ / "tokenizer.model";
  return {std::filesystem::is_directory(path_) && std::filesystem::exists(inside) ? inside : path_};
}

}  // namespace reka::data
