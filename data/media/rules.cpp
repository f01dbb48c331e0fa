#include "data/media/rules.h"

#include "data/media/load.h"
#include "reka/model/cost.h"
#include "reka/model/layout.h"

namespace reka::data {

MediaRules media_rules(const ModelConfig& config) {
  return {.id = layout_rule(config),
          .length =
              [config](Modality modality, const Geometry& geometry) {
                return media_layout(config, modality, geometry);
              },
          .decode =
              [input = config.input](const SampleMedia& media) { return load_media(media, input); },
          .cost = {.item =
                       [config](Modality modality, const Geometry& geometry) {
                         return media_flops(config, modality, geometry);
                       },
                   .row = [config](int64_t tokens) { return row_flops(config, tokens); }}};
}

}  // namespace reka::data
