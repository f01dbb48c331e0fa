#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/corpus/stage.h"
#include "data/corpus/workspace.h"
#include "reka/base/config.h"

namespace reka::data {

struct KeepParagraphsConfig {
  static constexpr std::string_view kName = "keep";

  void describe(auto&) {}
};

/// Paragraphs (lines) of training text that stand in it more than once, character for character.
struct RepeatedParagraphConfig {
  static constexpr std::string_view kName = "once";
  int64_t min_characters = 100;
  int64_t min_count = 2;

  void describe(auto& field) {
    field("min_characters", min_characters, "shorter paragraphs stay, however often they come",
          at_least(1));
    field("min_count", min_count, "paragraphs that come less often stay", at_least(2));
  }
};

/// Keeps the first copy of a paragraph of training text, in the order of the corpus. Texts without
/// media take part, but no chats. Memory besides: 16 bytes for each distinct repeated paragraph.
class RepeatedParagraphs : public Stage {
 public:
  RepeatedParagraphs(const RepeatedParagraphConfig& config, Workspace space)
      : config_(config), space_(std::move(space)) {}

  void run(Selection& selection) override;
  std::string name() const override { return "repeated_paragraphs"; }
  Json json() const override;
  void show(Page& page) const override;

 private:
  struct Repeated {
    uint64_t hash = 0;
    uint64_t document = 0;  // of the first copy
  };
  struct Example {
    int64_t count = 0;
    Repeated paragraph;
    std::string place;
    std::string text;
  };

  bool is_compared(const Document& document) const;
  bool is_long(std::string_view line) const;
  void note(const Repeated& paragraph, int64_t count);
  void find_texts(const Selection& selection);
  int64_t drop_repeated(size_t number, Document& document) const;

  RepeatedParagraphConfig config_;
  Workspace space_;
  int64_t paragraphs_ = 0;          // that were compared
  int64_t copies_ = 0;              // behind the first ones
  std::vector<Repeated> repeated_;  // in the order of their hashes
  std::vector<Example> examples_;   // the most frequent, most first
};

}  // namespace reka::data
