#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/document.h"

namespace simdjson::dom {
class object;
}

namespace reka::data {
struct MediaFolder;
}

namespace reka::data {

enum class ChatRole : uint8_t { kSystem, kUser, kAssistant, kTool };

/// What one side says: texts and media in their order, media as indices in Chat::media.
struct ChatTurn {
  ChatRole role = ChatRole::kUser;
  std::vector<Part> parts;
  std::vector<std::string> tool_calls;  // assistant: {"name": ..., "arguments": {...}}
};

struct Chat {
  std::vector<ChatTurn> turns;
  std::vector<std::string> tools;  // JSON signatures
  std::vector<MediaFile> media;
};

/// A record in the way of OpenAI: {"messages": [{"role": ..., "content": ...}, ...]} with the roles
/// system or developer (first only), user, assistant, tool; content is text or a list of parts as
/// in data/corpus/record.h; "tools" and an assistant's "tool_calls" are taken too. Media may also
/// stand in lists beside the messages ("images", "audios", "videos"): then <image>, <audio>,
/// <video> in a text, or a part {"type": "image"}, are their places. Paths are those of
/// `folder`. Throws DataError: what is wrong with it.
Chat parse_chat(const simdjson::dom::object& record, const MediaFolder& folder);
/// From JSON; errors begin with `place`.
Chat parse_chat(std::string_view json, const MediaFolder& folder, std::string_view place);

/// Reka's chat format:
///   system: S\n\n<sep>human: U<sep>assistant: A\n\n<sep>
/// Tool results are a human turn inside <tool_response>; consecutive texts are joined by a space,
/// media by nothing. What the assistant says is a target, from the space after its colon to its
/// <sep>. Specials are parts of their own, so that no text can close a turn.
/// Throws DataError when the assistant says nothing.
Document render_chat(Chat&& chat);

/// The same up to the assistant's next turn, "assistant:"; nothing is a target.
Document render_chat_prompt(Chat&& chat);

}  // namespace reka::data
