#include "data/tokens/text_stream.h"

#include <algorithm>

namespace reka::data {
namespace {

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
  ids_.push_back(id);
  const auto all = tokenizer_->decode(ids_);
  auto end = all.size() - unfinished_bytes(all);
  for (const auto& stop : stops_) {
    const auto at = all.find(stop, text_.size());
    if (at != std::string::npos) {
      end = std::min(end, at);
      stopped_ = true;
    }
  }
  if (!stopped_) {
    size_t held = 0;
    for (const auto& stop : stops_) held = std::max(held, begun_stop({all.data(), end}, stop));
    end -= held;
  }
  return give_out(end);
}

std::string TextStream::finish() {
  return stopped_ ? std::string() : give_out(tokenizer_->decode(ids_).size());
}

std::string TextStream::give_out(size_t end) {
  if (end <= text_.size()) return {};
  const auto fresh = tokenizer_->decode(ids_).substr(text_.size(), end - text_.size());
  text_ += fresh;
  return fresh;
}

}  // namespace reka::data
