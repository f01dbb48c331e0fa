#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "data/corpus/stage.h"
#include "reka/base/config.h"

namespace reka::data {

/// Which documents with media are kept, by what their media measure (data/media/measure.h). A rule
/// that is not given does nothing; where none is, nothing is decoded unless `measure` asks for it.
struct MediaQualityConfig {
  bool measure = false;
  std::optional<double> min_side;
  std::optional<double> max_aspect;
  std::optional<double> min_blur;
  std::optional<double> min_seconds;
  std::optional<double> max_seconds;
  std::optional<double> max_scene_cuts;
  std::optional<double> min_difference;
  std::optional<double> min_loudness;
  std::optional<double> max_silence;
  std::optional<int64_t> min_caption_characters;

  void describe(auto& field) {
    field("measure", measure, "measure all media for the report, also without a rule");
    field("min_side", min_side, "pixels of the shorter side of a picture or clip");
    field("max_aspect", max_aspect, "longer side over shorter side of a picture or clip");
    field("min_blur", min_blur, "variance of the Laplacian of a picture; blurred ones have less");
    field("min_seconds", min_seconds, "length of a clip or sound");
    field("max_seconds", max_seconds, "length of a clip or sound");
    field("max_scene_cuts", max_scene_cuts, "scene cuts of a clip");
    field("min_difference", min_difference,
          "mean difference of neighbouring frames of a clip; those that stand still have less");
    field("min_loudness", min_loudness, "LUFS of a sound (EBU R 128)");
    field("max_silence", max_silence, "share of a sound that is below -50 dB", fraction);
    field("min_caption_characters", min_caption_characters, "characters of the text beside media");
  }
};

/// Drops documents whose media break a rule, or cannot be decoded, under the rule's name.
class MediaQuality final : public Stage {
 public:
  explicit MediaQuality(const MediaQualityConfig& config);

  void run(Selection& selection) override;
  std::string name() const override { return "media"; }
  Json json() const override;
  void show(Page& page) const override;

 private:
  struct Rule {
    std::string name;  // "min_side"
    size_t measure;
    bool at_least;
    double limit;
  };
  struct Found {
    std::string broken;  // the first rule; "" for none
    std::vector<std::vector<float>> values;

    static auto members(auto& self) { return std::tie(self.broken, self.values); }
  };

  void add_rule(const std::string& name, std::string_view measure,
                const std::optional<double>& limit);
  Found look_at(const Document& document) const;
  std::vector<float> percentiles(size_t measure) const;

  MediaQualityConfig config_;
  std::vector<Rule> rules_;
  std::vector<std::vector<float>> values_;  // by measure: of a sample of the media
};

}  // namespace reka::data
