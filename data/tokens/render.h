#pragma once

#include "data/corpus/document.h"
#include "data/shards/sample.h"
#include "data/tokens/tokenizer.h"

namespace reka::data {

/// Document -> tokens. A medium is its one placeholder between its marks:
///   <image> <REKA_IMG_TOKEN> </image>, <video> <REKA_IMG_TOKEN> </video>,
///   <audio> <REKA_ADO_TOKEN> </audio>;
/// it is never a target. Texts and specials are targets where their part says so; <|endoftext|>
/// comes last and is always one. A document with media, or with text that is given and not
/// predicted, is `whole`. text_bytes counts the text of the targets, without specials.
Sample render(Document&& document, const Tokenizer& tokenizer);

}  // namespace reka::data
