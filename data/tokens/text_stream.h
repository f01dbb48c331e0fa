#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/tokens/tokenizer.h"

namespace reka::data {

/// Turns ids, as they come, into text that can be shown at once: bytes that fell back are held
/// until they are a character or can be none, and so is the beginning of what may become a stop
/// string.
class TextStream {
 public:
  TextStream(std::shared_ptr<const Tokenizer> tokenizer, std::vector<std::string> stops);

  /// The text that is certain after this id, "" if none is. Nothing more comes once stopped().
  std::string add(int32_t id);
  /// What was held back, at the end of the ids.
  std::string finish();

  bool stopped() const { return stopped_; }          // a stop string has appeared
  const std::string& text() const { return text_; }  // all that was given out

 private:
  void settle(size_t count);
  std::string give_out(size_t count);

  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<std::string> stops_;
  std::vector<int32_t> open_;  // ids that are not decoded yet
  std::string bytes_;          // what they stand for
  std::string held_;           // decoded, not given out
  std::string text_;
  bool stopped_ = false;
};

}  // namespace reka::data
