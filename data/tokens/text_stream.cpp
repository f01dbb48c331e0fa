#include "data/tokens/text_stream.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

namespace reka::data {
namespace {

/// The byte of a piece <0xXX>.
std::optional<char> fallback_byte(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || !piece.ends_with('>')) return std::nullopt;
  unsigned byte = 0;
  const auto* end = piece.data() + 5;
  if (std::from_chars(piece.data() + 3, end, byte, 16).ptr != end) return std::nullopt;
  return static_cast<char>(byte);
}

/// Bytes at the end of `text` that begin a character and do not end it.
size_t unfinished_bytes(std::string_view text) {
  for (size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;  // inside a character
    const size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/// Bytes at the end of `text` that `stop` begins with.
size_t begun_stop(std::string_view text, std::string_view stop) {
  for (auto length = std::min(text.size(), stop.size() - 1); length > 0; --length) {
    if (text.substr(text.size() - length) == stop.substr(0, length)) return length;
  }
  return 0;
}

}  // namespace

TextStream::TextStream(std::shared_ptr<const Tokenizer> tokenizer, std::vector<std::string> stops)
    : tokenizer_(std::move(tokenizer)), stops_(std::move(stops)) {
  stops_.erase(std::remove(stops_.begin(), stops_.end(), ""), stops_.end());
}

std::string TextStream::add(int32_t id) {
  if (stopped_) return {};
  open_.push_back(id);
  if (const auto byte = fallback_byte(tokenizer_->piece(id))) {
    bytes_ += *byte;
    settle(open_.size() - unfinished_bytes(bytes_));
  } else {
    settle(open_.size());
  }
  auto end = held_.size();
  for (const auto& stop : stops_) {
    const auto at = held_.find(stop);
    if (at == std::string::npos) continue;
    end = std::min(end, at);
    stopped_ = true;
  }
  if (stopped_) return give_out(end);
  size_t begun = 0;
  for (const auto& stop : stops_) begun = std::max(begun, begun_stop(held_, stop));
  return give_out(end - begun);
}

std::string TextStream::finish() {
  if (stopped_) return {};
  settle(open_.size());
  return give_out(held_.size());
}

void TextStream::settle(size_t count) {
  if (count == 0) return;
  held_ += tokenizer_->decode(std::span(open_).first(count));
  open_.erase(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(count));
  bytes_.erase(0, count);
}

std::string TextStream::give_out(size_t count) {
  auto fresh = held_.substr(0, count);
  held_.erase(0, count);
  text_ += fresh;
  return fresh;
}

}  // namespace reka::data
