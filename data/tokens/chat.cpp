#include "data/tokens/chat.h"

#include <algorithm>
#include <utility>

#include "data/corpus/normalize.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

/// Puts parts together so that text which belongs together is encoded as one.
class ChatWriter {
 public:
  void text(std::string_view text, bool target = false) {
    if (text.empty()) return;
    auto& parts = document_.parts;
    if (parts.empty() || parts.back().kind != Part::Kind::kText || parts.back().target != target)
      parts.push_back({.text = "", .target = target});
    parts.back().text += text;
  }
  void special(std::string_view symbol, bool target = false) {
    document_.parts.push_back(
        {.kind = Part::Kind::kSpecial, .text = std::string(symbol), .target = target});
  }
  void content(const std::vector<Part>& parts, bool target = false) {
    bool after_text = false;
    for (const auto& part : parts) {
      const bool is_text = part.kind == Part::Kind::kText;
      if (is_text && part.text.empty()) continue;
      if (is_text) text((after_text ? " " : "") + part.text, target);
      if (!is_text)
        document_.parts.push_back(
            {.kind = Part::Kind::kMedia, .media = part.media, .target = false});
      after_text = is_text;
    }
  }
  /// What stands from part `begin` on is not learnt; it is encoded as if it were.
  void forget_from(size_t begin) {
    for (auto n = begin; n < document_.parts.size(); ++n) document_.parts[n].target = false;
  }
  Document& document() { return document_; }

 private:
  Document document_;
};

void write_tools(const std::vector<std::string>& tools, ChatWriter& out) {
  out.text(
      "# Tools\n\nYou may call one or more functions.\n\n"
      "Function signatures are in <tools></tools>:\n<tools>");
  for (const auto& tool : tools) out.text("\n" + tool);
  out.text("\n</tools>\n\nReturn calls inside ");
  out.special("<tool_call>");
  out.special("</tool_call>");
  out.text(":\n");
  out.special("<tool_call>");
  out.text("\n{\"name\": <fn>, \"arguments\": <json>}\n");
  out.special("</tool_call>");
}

void write_system(const Chat& chat, ChatWriter& out) {
  const bool has_turn = !chat.turns.empty() && chat.turns.front().role == ChatRole::kSystem;
  if (!has_turn && chat.tools.empty()) return;
  out.text("system: ");
  if (has_turn) out.content(chat.turns.front().parts);
  if (has_turn && !chat.tools.empty()) out.text("\n\n");
  if (!chat.tools.empty()) write_tools(chat.tools, out);
  out.text("\n\n");
  out.special("<sep>");
}

void write_assistant(const ChatTurn& turn, ChatWriter& out) {
  const auto begin = out.document().parts.size();
  out.text("assistant:");
  out.text(" ", true);
  out.content(turn.parts, true);
  const auto empty = [](const Part& p) { return p.kind == Part::Kind::kText && p.text.empty(); };
  if (!std::ranges::all_of(turn.parts, empty) && !turn.tool_calls.empty()) out.text("\n", true);
  for (const auto& call : turn.tool_calls) {
    out.special("<tool_call>", true);
    out.text("\n" + call + "\n", true);
    out.special("</tool_call>", true);
  }
  out.text("\n\n", true);
  out.special("<sep>", true);
  if (!turn.learnt) out.forget_from(begin);
}

/// Results of calls made together are one human turn.
void write_tool(const std::vector<ChatTurn>& turns, size_t index, ChatWriter& out) {
  const auto is_tool = [&](size_t i) {
    return i < turns.size() && turns[i].role == ChatRole::kTool;
  };
  if (index == 0 || !is_tool(index - 1)) out.text("human: ");
  out.special("<tool_response>");
  out.text("\n");
  out.content(turns[index].parts);
  out.text("\n");
  out.special("</tool_response>");
  if (!is_tool(index + 1)) out.special("<sep>");
}

/// As every text of a corpus is learned, one asked now too; the exported template does the same
/// with control characters.
void normalize_texts(Chat& chat) {
  for (auto& turn : chat.turns) {
    for (auto& part : turn.parts) part.text = normalize(part.text);
    for (auto& call : turn.tool_calls) call = normalize(call);
  }
  for (auto& tool : chat.tools) tool = normalize(tool);
}

ChatWriter write_turns(Chat&& chat) {
  normalize_texts(chat);
  ChatWriter out;
  write_system(chat, out);
  for (size_t i = 0; i < chat.turns.size(); ++i) {
    const auto& turn = chat.turns[i];
    switch (turn.role) {
      case ChatRole::kSystem:
        break;
      case ChatRole::kUser:
        out.text("human: ");
        out.content(turn.parts);
        out.special("<sep>");
        break;
      case ChatRole::kAssistant:
        write_assistant(turn, out);
        break;
      case ChatRole::kTool:
        write_tool(chat.turns, i, out);
        break;
    }
  }
  out.document().media = std::move(chat.media);
  out.document().whole = true;
  return out;
}

}  // namespace

Document render_chat(Chat&& chat) {
  bool answered = false, learnt = false;
  for (const auto& turn : chat.turns) {
    answered |= turn.role == ChatRole::kAssistant;
    learnt |= turn.role == ChatRole::kAssistant && turn.learnt;
  }
  if (!answered) throw DataError("no assistant's turn: must have one, there is nothing to learn");
  if (!learnt) throw DataError("all assistant's turns have \"weight\" 0: one must be learnt");
  return std::move(write_turns(std::move(chat)).document());
}

Document render_chat_prompt(Chat&& chat) {
  auto out = write_turns(std::move(chat));
  out.text("assistant:");
  out.forget_from(0);
  return std::move(out.document());
}

}  // namespace reka::data
