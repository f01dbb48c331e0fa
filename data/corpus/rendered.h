#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/shards/sample.h"

namespace reka::data {

/// Samples on their way from the rank that made them to the one that writes shards.
void pack_sample(const Sample& sample, std::string& bytes);
std::vector<Sample> unpack_samples(std::string_view bytes);

}  // namespace reka::data
