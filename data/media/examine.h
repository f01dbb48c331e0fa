#pragma once

#include "data/item.h"
#include "data/media/fingerprint.h"
#include "data/media/measure.h"

namespace reka::data {

/// What one decoding of a medium tells of it.
struct ExaminedMedia {
  MediaMeasures measures;
  Fingerprint fingerprint;
};

/// Of at most 900 frames of a clip, evenly over its time, and the middles of its seconds. Throws
/// DataError, which starts with the file's name: it cannot be decoded.
ExaminedMedia examine_media(const MediaFile& file);

}  // namespace reka::data
