#include "data/tokens/chat_record.h"

#include <array>
#include <utility>

#include <simdjson.h>

#include "data/corpus/record.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// Media that stand beside the messages, and how many of them have found their place.
struct MediaList {
  Modality modality;
  std::string_view key, place;
  std::vector<std::string> values;
  size_t used = 0;

  bool given() const { return !values.empty(); }
};

class ChatParser {
 public:
  ChatParser(const object& record, const MediaFolder& folder) : folder_(folder) {
    for (auto& list : lists_) read_list(record, list);
    array messages;
    auto found = record.at_key("messages");
    if (found.error() == simdjson::NO_SUCH_FIELD) {
      const bool shares = record.at_key("conversations").error() == simdjson::SUCCESS;
      throw DataError("no \"messages\"{}: must be a list of {{\"role\", \"content\"}}",
                      shares ? ", but \"conversations\" (ShareGPT)" : "");
    }
    if (found.get(messages) != simdjson::SUCCESS) throw DataError("\"messages\": must be a list");
    read_tools(record);
    for (const auto message : messages) add_turn(message);
    for (const auto& list : lists_)
      if (list.used < list.values.size())
        throw DataError("{} {} for {} places: each must have one, {} in a text or a part",
                        list.values.size(), list.key, list.used, list.place);
  }

  Chat take() && { return std::move(chat_); }

 private:
  void read_list(const object& record, MediaList& list);
  void read_tools(const object& record);
  void add_turn(element message);
  void add_content(element content, ChatTurn& turn);
  void add_text(std::string_view text, ChatTurn& turn);
  void add_part(element part, ChatTurn& turn);
  void add_listed(MediaList& list, ChatTurn& turn);
  void add_tool_calls(const object& message, ChatTurn& turn);
  bool is_learnt(const object& message) const;
  ChatRole role_of(const object& message) const;
  MediaList* list_of(std::string_view type);

  const MediaFolder& folder_;
  std::array<MediaList, 3> lists_ = {{{Modality::kImage, "images", "<image>", {}},
                                      {Modality::kAudio, "audios", "<audio>", {}},
                                      {Modality::kVideo, "videos", "<video>", {}}}};
  Chat chat_;
};

void ChatParser::read_list(const object& record, MediaList& list) {
  auto found = record.at_key(list.key);
  if (found.error() == simdjson::NO_SUCH_FIELD || found.is_null()) return;
  array values;
  if (found.get(values) != simdjson::SUCCESS) throw DataError("\"{}\": must be a list", list.key);
  for (const auto value : values) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS)
      throw DataError("\"{}\": must hold paths or data URLs", list.key);
    list.values.emplace_back(text);
  }
}

void ChatParser::read_tools(const object& record) {
  array tools;
  auto found = record.at_key("tools");
  if (found.error() == simdjson::NO_SUCH_FIELD || found.is_null()) return;
  simdjson::dom::parser parser;
  std::string_view text;  // a list written as text, as some tools keep it
  if (found.get(text) == simdjson::SUCCESS) {
    if (text.empty()) return;
    found = parser.parse(text);
  }
  if (found.get(tools) != simdjson::SUCCESS) throw DataError("\"tools\": must be a list");
  for (const auto tool : tools) chat_.tools.push_back(simdjson::minify(tool));
}

ChatRole ChatParser::role_of(const object& message) const {
  std::string_view role;
  if (message.at_key("role").get(role) != simdjson::SUCCESS)
    throw DataError("message {}: \"role\": must be text", chat_.turns.size());
  if (role == "user") return ChatRole::kUser;
  if (role == "assistant") return ChatRole::kAssistant;
  if (role == "tool") return ChatRole::kTool;
  if (role != "system" && role != "developer")
    throw DataError("role \"{}\": must be system, user, assistant or tool", role);
  if (!chat_.turns.empty()) throw DataError("role \"{}\": must be the first message's", role);
  return ChatRole::kSystem;
}

void ChatParser::add_turn(element message) {
  object fields;
  if (message.get(fields) != simdjson::SUCCESS)
    throw DataError("message {}: must be an object", chat_.turns.size());
  ChatTurn turn{.role = role_of(fields), .parts = {}, .tool_calls = {}};
  if (turn.role == ChatRole::kAssistant) {
    add_tool_calls(fields, turn);
    turn.learnt = is_learnt(fields);
  }
  auto content = fields.at_key("content");
  const bool absent = content.error() == simdjson::NO_SUCH_FIELD || content.is_null();
  if (absent && turn.tool_calls.empty())
    throw DataError("message {}: no \"content\": must be text or parts", chat_.turns.size());
  if (!absent) add_content(content.value(), turn);
  const bool takes_media = turn.role == ChatRole::kUser || turn.role == ChatRole::kTool;
  for (const auto& part : turn.parts)
    if (part.kind == Part::Kind::kMedia && !takes_media)
      throw DataError("message {}: media: must be a user's or a tool's", chat_.turns.size());
  chat_.turns.push_back(std::move(turn));
}

void ChatParser::add_content(element content, ChatTurn& turn) {
  std::string_view text;
  array parts;
  if (content.get(text) == simdjson::SUCCESS)
    add_text(text, turn);
  else if (content.get(parts) == simdjson::SUCCESS)
    for (const auto part : parts) add_part(part, turn);
  else
    throw DataError("message {}: \"content\": must be text or parts", chat_.turns.size());
}

MediaList* ChatParser::list_of(std::string_view type) {
  for (auto& list : lists_)
    if (modality_name(list.modality) == type && list.given()) return &list;
  return nullptr;
}

/// Text in which the places of listed media are taken out; without lists `<image>` is only text.
void ChatParser::add_text(std::string_view text, ChatTurn& turn) {
  while (!text.empty()) {
    size_t first = text.npos;
    MediaList* next = nullptr;
    for (auto& list : lists_) {
      const auto found = list.given() ? text.find(list.place) : text.npos;
      if (found < first) {
        first = found;
        next = &list;
      }
    }
    const auto before = text.substr(0, first);
    if (!before.empty()) turn.parts.push_back({.text = std::string(before)});
    if (next == nullptr) return;
    add_listed(*next, turn);
    text.remove_prefix(first + next->place.size());
  }
}

void ChatParser::add_listed(MediaList& list, ChatTurn& turn) {
  if (list.used == list.values.size())
    throw DataError("more places {} than the {} \"{}\": must be as many", list.place,
                    list.values.size(), list.key);
  turn.parts.push_back({.kind = Part::Kind::kMedia, .media = chat_.media.size()});
  chat_.media.push_back(record_media(list.modality, list.values[list.used++], folder_));
}

void ChatParser::add_part(element part, ChatTurn& turn) {
  std::string_view type;
  object fields;
  if (part.get(fields) == simdjson::SUCCESS &&
      fields.at_key("type").get(type) == simdjson::SUCCESS) {
    auto* list = list_of(type);
    if (list != nullptr && fields.at_key(type).error() == simdjson::NO_SUCH_FIELD)
      return add_listed(*list, turn);
  }
  Document one;
  add_content_part(part, folder_, one);
  for (auto& added : one.parts) {
    added.media += chat_.media.size();
    turn.parts.push_back(std::move(added));
  }
  for (auto& file : one.media) chat_.media.push_back(std::move(file));
}

bool ChatParser::is_learnt(const object& message) const {
  const auto found = message.at_key("weight");
  if (found.error() == simdjson::NO_SUCH_FIELD || found.is_null()) return true;
  double weight = -1;
  if (found.get(weight) != simdjson::SUCCESS || (weight != 0 && weight != 1))
    throw DataError("message {}: \"weight\": must be 0 or 1", chat_.turns.size());
  return weight == 1;
}

void ChatParser::add_tool_calls(const object& message, ChatTurn& turn) {
  array calls;
  auto found = message.at_key("tool_calls");
  if (found.error() == simdjson::NO_SUCH_FIELD || found.is_null()) return;
  if (found.get(calls) != simdjson::SUCCESS) throw DataError("\"tool_calls\": must be a list");
  for (const auto call : calls) {
    object function;
    element name;
    std::string_view arguments;
    if (call.at_key("function").get(function) != simdjson::SUCCESS ||
        function.at_key("name").get(name) != simdjson::SUCCESS || !name.is_string())
      throw DataError("tool call: must have a \"function\" with a \"name\"");
    std::string written = "{}";  // as text, as OpenAI gives them, or as an object
    auto given = function.at_key("arguments");
    if (given.get(arguments) == simdjson::SUCCESS && !arguments.empty()) {
      if (simdjson::dom::parser parser; parser.parse(arguments).error() != simdjson::SUCCESS)
        throw DataError("tool call: \"arguments\": not JSON");
      written = arguments;
    } else if (given.error() == simdjson::SUCCESS && !given.is_null() && !given.is_string())
      written = simdjson::minify(given.value());
    turn.tool_calls.push_back(
        fmt::format(R"({{"name": {}, "arguments": {}}})", simdjson::minify(name), written));
  }
}

}  // namespace

Chat parse_chat(const object& record, const MediaFolder& folder) {
  return ChatParser(record, folder).take();
}

Chat parse_chat(std::string_view json, const MediaFolder& folder, std::string_view place) {
  simdjson::dom::parser parser;
  try {
    return parse_chat(parse_record(parser, json), folder);
  } catch (const DataError& error) {
    throw DataError("{}: {}", place, error.what());
  }
}

}  // namespace reka::data
