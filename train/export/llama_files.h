#pragma once

#include <cstdint>
#include <string>

#include "data/tokens/tokenizer.h"
#include "reka/base/json.h"
#include "reka/model/decoder.h"

namespace reka::train {

// The text files of a Llama-layout folder, as transformers' AutoModelForCausalLM and AutoTokenizer,
// llama.cpp's converter and vLLM read them.

/// config.json. RoPE stands there in the old and in the new spelling, since a loader that misses
/// its own takes another base in silence.
Json llama_config(const DecoderConfig& config, const data::Tokenizer& tokenizer,
                  const std::string& dtype);

/// generation_config.json: generation ends at <|endoftext|> and at the end of a turn, <sep>.
Json llama_generation_config(const data::Tokenizer& tokenizer);

/// tokenizer_config.json: every special symbol is listed, or llama.cpp would split it in pieces.
Json llama_tokenizer_config(const data::Tokenizer& tokenizer, int64_t context);

/// special_tokens_map.json.
Json llama_special_tokens();

/// chat_template.jinja: Reka's chat format, the same text as data/tokens/chat.h renders, but for
/// NUL, NFC and invisible characters that are no controls.
std::string chat_template();

}  // namespace reka::train
