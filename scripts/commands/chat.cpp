#include "data/tokens/chat.h"

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "data/batch/row.h"
#include "data/media/load.h"
#include "data/tokens/render.h"
#include "data/tokens/text_stream.h"
#include "reka/base/error.h"
#include "reka/generate/generate.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/options.h"
#include "scripts/commands/picture.h"
#include "scripts/commands/subject.h"

namespace reka::commands {
namespace {

using data::Chat;
using data::ChatRole;
using data::Part;

struct ChatCommand {
  std::string model;
  std::string system;
  std::string device = "auto";
  std::string precision = "fp32";
  GenerateOptions generate;
};

/// Media named in `/image FILE` and the like wait here for the next question.
struct Conversation {
  Chat chat;
  std::vector<Part> attached;
};

Part text_part(std::string text) {
  return {.kind = Part::Kind::kText, .text = std::move(text)};
}

void attach(Conversation& conversation, Modality modality, const std::string& path) {
  auto file = data::read_prompt_file(modality, path);
  if (modality == Modality::kImage && isatty(STDOUT_FILENO) != 0) show_picture(file.bytes, path);
  conversation.attached.push_back(
      {.kind = Part::Kind::kMedia, .media = conversation.chat.media.size(), .target = false});
  conversation.chat.media.push_back(std::move(file));
}

/// Whether the line was an order and not a question.
bool obey(Conversation& conversation, const std::string& line) {
  const std::vector<std::pair<std::string, Modality>> orders = {
      {"/image ", Modality::kImage}, {"/audio ", Modality::kAudio}, {"/video ", Modality::kVideo}};
  for (const auto& [order, modality] : orders) {
    if (line.rfind(order, 0) != 0) continue;
    try {
      attach(conversation, modality, line.substr(order.size()));
    } catch (const DataError& error) {
      std::printf("%s\n", error.what());
    }
    return true;
  }
  return false;
}

std::string answer(const eval::Subject& subject, const ChatCommand& command, const Chat& chat) {
  auto prompt = data::render(data::render_chat_prompt(Chat(chat)), *subject.tokenizer);
  prompt.tokens.pop_back();  // <|endoftext|>
  prompt.targets.clear();
  const data::Expander expander(subject.tokenizer, subject.media.length);
  const auto batch = data::make_batch({&prompt, 1}, expander, subject.media.decode);
  return stream_text(subject, batch.input, command.generate, {"\n\n"});
}

void converse(ChatCommand command) {
  const auto subject = open_subject(command.model, command.device, command.precision);
  command.generate.stop_ids = {subject.tokenizer->end_of_text(),
                               subject.tokenizer->special("<sep>")};
  Conversation conversation;
  if (!command.system.empty()) {
    conversation.chat.turns.push_back({ChatRole::kSystem, {text_part(command.system)}, {}});
  }
  const bool prompts = isatty(STDIN_FILENO) != 0;
  if (prompts) std::printf("/image FILE, /audio FILE, /video FILE attach; ctrl-d ends\n");
  std::string line;
  while (true) {
    if (prompts) std::printf("> ");
    std::fflush(stdout);
    if (!std::getline(std::cin, line)) break;
    if (line.empty() || obey(conversation, line)) continue;
    auto parts = std::move(conversation.attached);
    conversation.attached.clear();
    parts.push_back(text_part(line));
    conversation.chat.turns.push_back({ChatRole::kUser, std::move(parts), {}});
    auto said = answer(subject, command, conversation.chat);
    if (said.rfind(' ', 0) == 0) said.erase(0, 1);
    conversation.chat.turns.push_back({ChatRole::kAssistant, {text_part(std::move(said))}, {}});
  }
}

}  // namespace

void add_chat(CLI::App& app) {
  auto* command = app.add_subcommand("chat", "talk with a model in the terminal");
  const auto options = std::make_shared<ChatCommand>();
  add_model_options(*command, options->model, options->device, options->precision);
  command->add_option("--system", options->system, "what the assistant is told first");
  add_generate_options(*command, options->generate);
  command->callback([options] { converse(*options); });
}

}  // namespace reka::commands
