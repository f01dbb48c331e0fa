#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reka::data {

/// Collects the text of a page block by block: white space in running text is folded to one space,
/// lines of preformatted text stay.
class Blocks {
 public:
  void add(std::string_view text);
  void add_preformatted(std::string_view text);
  /// The block ends here; an empty one is none.
  void close();

  std::vector<std::string> take();

 private:
  std::vector<std::string> blocks_;
  std::string open_;
  bool space_ = false;  // white space seen that stands between two words
};

}  // namespace reka::data
