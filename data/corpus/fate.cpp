#include "data/corpus/fate.h"

namespace reka::data {

std::string fate_name(const Fate& fate) {
  switch (fate.kind) {
    case Fate::Kind::kKept:
      break;
    case Fate::Kind::kExactDuplicate:
      return "exact duplicate";
    case Fate::Kind::kRule:
      return "rule " + fate.of;
    case Fate::Kind::kNearDuplicate:
      return "near duplicate";
    case Fate::Kind::kMediaDuplicate:
      return "media duplicate";
    case Fate::Kind::kContaminated:
      return "contaminated by " + fate.of;
    case Fate::Kind::kEmptied:
      return "emptied";
  }
  return "kept";
}

}  // namespace reka::data
