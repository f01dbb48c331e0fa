#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/corpus/signals.h"
#include "data/corpus/stage.h"

namespace reka::data {

/// Tells how the signals of media are spread over all documents that were read. It drops nothing:
/// rules over them do (data/corpus/quality_rules.h).
class MediaSignals : public Stage {
 public:
  void run(Selection& selection) override;
  std::string name() const override { return "media"; }
  Json json() const override;
  void show(Page& page) const override;

 private:
  struct Spread {
    SignalColumn column;
    int64_t documents = 0;
    std::vector<float> percentiles;
  };

  std::vector<Spread> spreads_;  // of signals that a document has
};

}  // namespace reka::data
