#pragma once

#include <string_view>

#include "data/tokens/chat.h"

namespace simdjson::dom {
class object;
}

namespace reka::data {

struct MediaFolder;

/// A record in the way of OpenAI: {"messages": [{"role": ..., "content": ...}, ...]} with the roles
/// system or developer (first only), user, assistant, tool; content is text or a list of parts as
/// in data/corpus/record.h; "tools" and an assistant's "tool_calls" are taken too; a turn of
/// "weight" 0 is not learnt. Media may also stand in lists beside the messages ("images", "audios",
/// "videos"): then <image>, <audio>, <video> in a text, or a part {"type": "image"}, are their
/// places. Paths are those of `folder`. Throws DataError: what is wrong with it.
Chat parse_chat(const simdjson::dom::object& record, const MediaFolder& folder);
/// From JSON; errors begin with `place`.
Chat parse_chat(std::string_view json, const MediaFolder& folder, std::string_view place);

}  // namespace reka::data
