#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/shards/sample.h"
#include "data/tokens/tokenizer.h"

namespace reka::testing {

/// One id for each byte behind the special symbols: exact and without training.
std::shared_ptr<const data::Tokenizer> byte_tokenizer();

/// A text document as it stands in a shard: all of it a target but the first token.
data::Sample text_sample(const std::string& id, const std::string& text);

/// Marks around a placeholder, then the text, which is the target. The bytes are made up.
data::Sample media_sample(const std::string& id, Modality modality, const Geometry& geometry,
                          const std::string& text);

/// `count` texts of 1 ... `longest` bytes, by a seed.
std::vector<data::Sample> text_samples(int count, int longest, uint64_t seed);

}  // namespace reka::testing
