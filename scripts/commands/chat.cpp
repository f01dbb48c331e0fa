#include "data/tokens/chat.h"

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "data/batch/row.h"
#include "data/corpus/record.h"
#include "reka/base/error.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/options.h"
#include "scripts/commands/prompt.h"
#include "scripts/commands/subject.h"

namespace reka::commands {
namespace {

using data::Chat;
using data::ChatRole;

constexpr const char* kOrders =
    "/image FILE, /video FILE, /audio FILE are for the next question; /reset begins anew; /quit "
    "ends";

struct ChatCommand {
  std::string model;
  std::string system;
  std::string device = "auto";
  std::string precision = "fp32";
  PromptOptions options;
};

/// A path as shells and file managers give it: "a b.png" is a b.png.
std::string unquoted(const std::string& path) {
  const bool quoted = path.size() > 2 && path.front() == path.back() &&
                      (path.front() == '"' || path.front() == '\'');
  return quoted ? path.substr(1, path.size() - 2) : path;
}

/// Shows an answer without the space before it and the newlines at its end, which belong to the
/// chat format.
class AnswerText {
 public:
  void show(const std::string& text) {
    held_ += text;
    if (held_.empty()) return;
    if (!std::exchange(begun_, true) && held_.front() == ' ') held_.erase(0, 1);
    const auto end = held_.find_last_not_of('\n') + 1;
    show_text(held_.substr(0, end));
    held_.erase(0, end);
  }

 private:
  std::string held_;
  bool begun_ = false;
};

class Conversation {
 public:
  explicit Conversation(const ChatCommand& command)
      : command_(command),
        subject_(open_subject(command.model, command.device, command.precision)),
        expander_(subject_.tokenizer, subject_.media.length) {
    command_.options.generate.stop_ids = {subject_.tokenizer->end_of_text(),
                                          subject_.tokenizer->special("<sep>")};
    reset();
    for (const auto modality : data::kMediaOrder)
      for (const auto& path : command.options.files(modality)) attach(modality, path);
  }

  /// A question, or an order that attaches a medium to the next one. Throws DataError and
  /// ConfigError: the conversation is then as it was, without what was attached.
  void take(const std::string& line) {
    for (const auto modality : data::kMediaOrder) {
      const auto order = fmt::format("/{} ", modality_name(modality));
      if (line.starts_with(order)) return attach(modality, unquoted(line.substr(order.size())));
    }
    if (line == "/reset") return reset();
    // A path or a formula may begin with a slash; one word alone is an order that was mistyped.
    const auto word = line.substr(0, line.find(' '));
    if (word.size() > 1 && word.front() == '/' && word.find('/', 1) == word.npos) {
      throw DataError("{}: unknown order: {}", word, kOrders);
    }
    ask(line);
  }

 private:
  void reset() {
    chat_ = {};
    attached_.clear();
    if (!command_.system.empty())
      chat_.turns.push_back({ChatRole::kSystem, {{.text = command_.system}}, {}});
  }

  void attach(Modality modality, const std::string& path) {
    attached_.push_back(read_prompt_medium(subject_, modality, path));
  }

  void ask(const std::string& question) {
    auto chat = chat_;
    data::ChatTurn turn{ChatRole::kUser, {}, {}};
    for (auto& file : std::exchange(attached_, {})) {
      turn.parts.push_back(
          {.kind = data::Part::Kind::kMedia, .media = chat.media.size(), .target = false});
      chat.media.push_back(std::move(file));
    }
    turn.parts.push_back({.text = question});
    chat.turns.push_back(std::move(turn));
    auto said = answer(chat);
    said.erase(said.find_last_not_of('\n') + 1);
    if (said.starts_with(' ')) said.erase(0, 1);
    chat.turns.push_back({ChatRole::kAssistant, {{.text = std::move(said)}}, {}});
    chat_ = std::move(chat);
  }

  std::string answer(const Chat& chat) const {
    const auto prompt = open_sample(data::render_chat_prompt(Chat(chat)), *subject_.tokenizer);
    const auto batch = data::make_batch({&prompt, 1}, expander_, subject_.media.decode);
    AnswerText shown;
    auto said =
        stream_text(subject_, batch.input, command_.options.generate, command_.options.stops,
                    [&](const std::string& text) { shown.show(text); });
    show_text("\n");
    return said;
  }

  ChatCommand command_;
  eval::Subject subject_;
  data::Expander expander_;
  Chat chat_;
  std::vector<data::MediaFile> attached_;  // to the next question
};

void take_line(Conversation& conversation, const std::string& line, int64_t number) {
  const auto finding = text_finding(line);
  if (!finding.empty()) throw DataError("stdin:{}: {}", number, finding);
  conversation.take(line);
}

/// What is wrong with a line is told a person, and the conversation goes on; it ends one that is
/// piped.
void take_typed_line(Conversation& conversation, const std::string& line, int64_t number) {
  try {
    take_line(conversation, line, number);
  } catch (const Error& error) {
    std::fprintf(stderr, "%s%s\n", kErrorMark, error.what());
  }
}

void converse(const ChatCommand& command) {
  Conversation conversation(command);
  const bool prompts = isatty(STDIN_FILENO) != 0;
  if (prompts) std::printf("%s\n", kOrders);
  std::string line;
  for (int64_t number = 1;; ++number) {
    if (prompts) std::printf("> ");
    std::fflush(stdout);
    if (!std::getline(std::cin, line) || line == "/quit" || line == "/exit") break;
    if (!line.empty()) (prompts ? take_typed_line : take_line)(conversation, line, number);
  }
}

}  // namespace

void add_chat(CLI::App& app) {
  auto* command = app.add_subcommand("chat", "talk with a model in the terminal");
  command->footer(kOrders);
  const auto options = std::make_shared<ChatCommand>();
  add_model_options(*command, options->model, options->device, options->precision);
  command->add_option("--system", options->system, "what the assistant is told first")
      ->check(is_text());
  add_prompt_options(*command, options->options);
  command->callback([options] { converse(*options); });
}

}  // namespace reka::commands
