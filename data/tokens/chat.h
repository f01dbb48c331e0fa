#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/corpus/document.h"

namespace reka::data {

enum class ChatRole : uint8_t { kSystem, kUser, kAssistant, kTool };

/// What one side says: texts and media in their order, media as indices in Chat::media.
struct ChatTurn {
  ChatRole role = ChatRole::kUser;
  std::vector<Part> parts;
  std::vector<std::string> tool_calls;  // assistant: {"name": ..., "arguments": {...}}
  bool learnt = true;                   // assistant
};

struct Chat {
  std::vector<ChatTurn> turns;
  std::vector<std::string> tools;  // JSON signatures
  std::vector<MediaFile> media;
};

/// Reka's chat format:
///   system: S\n\n<sep>human: U<sep>assistant: A\n\n<sep>
/// Tool results are a human turn inside <tool_response>; consecutive texts are joined by a space,
/// media by nothing. What the assistant says in turns that are learnt is a target, from the space
/// after its colon to its <sep>. Specials are parts of their own, so that no text can close a turn.
/// Throws DataError when the assistant says nothing that is learnt.
Document render_chat(Chat&& chat);

/// The same up to the assistant's next turn, "assistant:"; nothing is a target.
Document render_chat_prompt(Chat&& chat);

}  // namespace reka::data
