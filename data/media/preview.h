#pragma once

#include "data/item.h"
#include "reka/base/page.h"

namespace reka::data {

/// A medium as a page shows it: a picture, or a clip's first frame, as PNG of at most 128 pixels a
/// side; a sound as it is up to 256 KiB; nothing of one that is longer or cannot be decoded. The
/// words of the figure are left to the caller.
Figure preview_of(const MediaFile& file);

}  // namespace reka::data
