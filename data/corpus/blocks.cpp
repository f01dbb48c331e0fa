#include "data/corpus/blocks.h"

#include <utility>

namespace reka::data {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

}  // namespace

void Blocks::add(std::string_view text) {
  for (const char c : text) {
    if (is_space(c)) {
      space_ = true;
      continue;
    }
    if (space_ && !open_.empty() && open_.back() != '\n') open_ += ' ';
    space_ = false;
    open_ += c;
  }
}

void Blocks::add_preformatted(std::string_view text) {
  open_ += text;
  space_ = false;
}

void Blocks::close() {
  while (!open_.empty() && is_space(open_.back())) open_.pop_back();
  size_t first = 0;
  while (first < open_.size() && (open_[first] == '\n' || open_[first] == '\r')) ++first;
  if (first < open_.size()) blocks_.push_back(open_.substr(first));
  open_.clear();
  space_ = false;
}

std::vector<std::string> Blocks::take() {
  close();
  return std::exchange(blocks_, {});
}

}  // namespace reka::data
