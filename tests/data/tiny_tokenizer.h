#pragma once

#include <memory>

#include "data/tokens/tokenizer.h"

namespace reka::testing {

/// A trained tokenizer of few pieces, made once.
std::shared_ptr<const data::Tokenizer> tiny_tokenizer();

}  // namespace reka::testing
