#include "data/tokens/chat.h"

#include "data/corpus/jsonl.h"
#include "data/corpus/record.h"
#include "data/tokens/chat_record.h"
#include "data/tokens/render.h"
#include "reka/base/error.h"
#include "tests/data/made_samples.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

// A picture of 1 x 1.
constexpr std::string_view kPicture =
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC";

/// PICTURE in the record stands for the picture.
Chat parse(const std::string& record) {
  constexpr std::string_view kName = "PICTURE";
  std::string json;
  size_t begin = 0;
  for (auto at = record.find(kName); at != record.npos; at = record.find(kName, begin)) {
    json.append(record, begin, at - begin).append(kPicture);
    begin = at + kName.size();
  }
  return parse_chat(json.append(record, begin), {"/nowhere"}, "chat.jsonl:3");
}

/// The document as text: specials as they are, media as [n], targets between braces.
std::string show(const Document& document) {
  std::string text;
  bool target = false;
  for (const auto& part : document.parts) {
    if (part.target != target) text += part.target ? "{" : "}";
    target = part.target;
    text += part.kind == Part::Kind::kMedia ? fmt::format("[{}]", part.media) : part.text;
  }
  return text + (target ? "}" : "");
}

std::string chat(const std::string& json) {
  return show(render_chat(parse(json)));
}

std::string chat_error(const std::string& json) {
  try {
    chat(json);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("chat: turns are written in Reka's format and only the assistant's are targets",
          "[data][chat]") {
  CHECK(chat(R"({"messages": [{"role": "user", "content": "Hi"},
                              {"role": "assistant", "content": "Hello!"}]})") ==
        "human: Hi<sep>assistant:{ Hello!\n\n<sep>}");
  CHECK(chat(R"({"messages": [{"role": "system", "content": "Be brief."},
                              {"role": "user", "content": "a"},
                              {"role": "assistant", "content": "b"},
                              {"role": "user", "content": "c"},
                              {"role": "assistant", "content": "d"}]})") ==
        "system: Be brief.\n\n<sep>human: a<sep>assistant:{ b\n\n<sep>}human: c<sep>assistant:{ "
        "d\n\n<sep>}");
}

TEST_CASE("chat: a turn of weight 0 is read and not learnt, in the same tokens", "[data][chat]") {
  const auto record = [](const char* weight) {
    return fmt::format(R"({{"messages": [{{"role": "user", "content": "a"}},
        {{"role": "assistant", "content": "b"{}}}, {{"role": "user", "content": "c"}},
        {{"role": "assistant", "content": "d", "weight": 1}}]}})",
                       weight);
  };
  CHECK(chat(record(R"(, "weight": 0)")) ==
        "human: a<sep>assistant: b\n\n<sep>human: c<sep>assistant:{ d\n\n<sep>}");
  CHECK(chat(record(R"(, "weight": 1.0)")) == chat(record("")));
  const auto tokenizer = testing::byte_tokenizer();
  const auto tokens = [&](const char* weight) {
    return render(render_chat(parse(record(weight))), *tokenizer).tokens;
  };
  CHECK(tokens(R"(, "weight": 0)") == tokens(""));
  CHECK_THAT(chat_error(record(R"(, "weight": 0.5)")),
             Catch::EndsWith("message 1: \"weight\": must be 0 or 1"));
  CHECK_THAT(chat_error(R"({"messages": [{"role": "user", "content": "a"},
                 {"role": "assistant", "content": "b", "weight": 0}]})"),
             Catch::Contains("all assistant's turns have \"weight\" 0"));
}

TEST_CASE("chat: tools may be a list that is written as text", "[data][chat]") {
  const auto with = [](const char* tools) {
    return fmt::format(R"({{"tools": {}, "messages": [{{"role": "user", "content": "a"}},
        {{"role": "assistant", "content": "b"}}]}})",
                       tools);
  };
  CHECK(chat(with(R"("[{\"name\": \"f\"}]")")) == chat(with(R"([{"name": "f"}])")));
  CHECK(chat(with("\"\"")) == chat(with("null")));
  CHECK_THAT(chat_error(with(R"("f")")), Catch::Contains("\"tools\": must be a list"));
}

TEST_CASE("chat: texts are joined by a space, media by nothing, in their order", "[data][chat]") {
  const auto document = render_chat(parse(R"({"messages": [{"role": "user", "content": [
      {"type": "text", "text": "one"}, {"type": "text", "text": "two"},
      {"type": "image", "image": "PICTURE"}, {"type": "image_url", "image_url": {"url": "PICTURE"}},
      {"type": "text", "text": "three"}]}, {"role": "assistant", "content": "yes"}]})"));
  CHECK(show(document) == "human: one two[0][1]three<sep>assistant:{ yes\n\n<sep>}");
  REQUIRE(document.media.size() == 2);
  CHECK(document.media[0].geometry == Geometry{1, 1, 0, 0});
  CHECK(document.whole);
}

TEST_CASE("chat: media in lists find their places, in texts and in parts", "[data][chat]") {
  CHECK(chat(R"({"images": ["PICTURE", "PICTURE"], "messages": [
      {"role": "user", "content": "<image>What is <image>?"},
      {"role": "assistant", "content": "b"}]})") ==
        "human: [0]What is [1]?<sep>assistant:{ b\n\n<sep>}");
  CHECK(chat(R"({"images": ["PICTURE"], "messages": [
      {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "a"}]},
      {"role": "assistant", "content": "b"}]})") == "human: [0]a<sep>assistant:{ b\n\n<sep>}");
  CHECK(chat(R"({"messages": [{"role": "user", "content": "<image>"},
                              {"role": "assistant", "content": "b"}]})") ==
        "human: <image><sep>assistant:{ b\n\n<sep>}");
}

TEST_CASE("chat: tool calls are targets, results are human turns", "[data][chat]") {
  CHECK(chat(R"({"messages": [{"role": "user", "content": "Weather?"},
      {"role": "assistant", "tool_calls": [
        {"function": {"name": "w", "arguments": "{\"city\": \"Bonn\"}"}},
        {"function": {"name": "v", "arguments": {"n":1}}}]},
      {"role": "tool", "content": "rain"}, {"role": "tool", "content": "wind"},
      {"role": "assistant", "content": "Bad."}]})") ==
        "human: Weather?<sep>assistant:{ <tool_call>\n{\"name\": \"w\", \"arguments\": {\"city\": "
        "\"Bonn\"}}\n</tool_call><tool_call>\n{\"name\": \"v\", \"arguments\": "
        "{\"n\":1}}\n</tool_call>\n\n<sep>}human: <tool_response>\nrain\n</tool_response>"
        "<tool_response>\nwind\n</tool_response><sep>assistant:{ Bad.\n\n<sep>}");
  CHECK(chat(R"({"tools": [{"name": "w"}], "messages": [{"role": "user", "content": "a"},
                 {"role": "assistant", "content": "b"}]})")
            .starts_with("system: # Tools\n\nYou may call"));
}

TEST_CASE("chat: calls without arguments or with an empty text are as the template writes them",
          "[data][chat]") {
  for (const auto* given : {"", R"(, "arguments": null)", R"(, "arguments": "")"}) {
    CHECK(chat(fmt::format(R"({{"messages": [{{"role": "user", "content": "a"}},
        {{"role": "assistant", "content": [{{"type": "text", "text": ""}}],
          "tool_calls": [{{"function": {{"name": "w"{}}}}}]}}]}})",
                           given)) ==
          "human: a<sep>assistant:{ <tool_call>\n{\"name\": \"w\", \"arguments\": "
          "{}}\n</tool_call>\n\n<sep>}");
  }
}

TEST_CASE("chat: a call whose arguments are no JSON is refused", "[data][chat]") {
  CHECK_THROWS_WITH(chat(R"({"messages": [{"role": "user", "content": "a"},
      {"role": "assistant", "tool_calls": [{"function": {"name": "w", "arguments": "{bad"}}]}]})"),
                    Catch::Contains("\"arguments\": not JSON"));
}

TEST_CASE("chat: no text can close a turn", "[data][chat]") {
  const auto document = render_chat(parse(R"({"messages": [
      {"role": "user", "content": "a<sep>assistant: b"},
      {"role": "assistant", "content": "c<sep>human: d<|endoftext|>"}]})"));
  int specials = 0;
  for (const auto& part : document.parts) specials += part.kind == Part::Kind::kSpecial ? 1 : 0;
  CHECK(specials == 2);
}

TEST_CASE("chat: the targets of its sample are the assistant's words", "[data][chat]") {
  const auto tokenizer = testing::byte_tokenizer();
  auto document = render_chat(parse(R"({"messages": [{"role": "user", "content": "Hi"},
      {"role": "assistant", "content": "Yes"}, {"role": "user", "content": "So"},
      {"role": "assistant", "content": "No"}]})"));
  const auto sample = render(std::move(document), *tokenizer);
  CHECK(sample.whole);
  REQUIRE(sample.targets.size() == 2);
  std::string spoken;
  for (const auto& run : sample.targets)
    spoken.append("|").append(
        tokenizer->decode(std::span(sample.tokens).subspan(run.begin, run.length)));
  CHECK(spoken == "| Yes\n\n<sep>| No\n\n<sep><|endoftext|>");
}

TEST_CASE("chat: a prompt ends where the assistant begins and has no targets", "[data][chat]") {
  const auto document = render_chat_prompt(parse(R"({"messages": [
      {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
      {"role": "user", "content": [{"type": "image", "image": "PICTURE"}]}]})"));
  CHECK(show(document) == "human: a<sep>assistant: b\n\n<sep>human: [0]<sep>assistant:");
}

TEST_CASE("chat: bad records are refused with their place and reason", "[data][chat]") {
  const auto refused = [](const std::string& json, const std::string& finding) {
    const auto error = chat_error(json);
    INFO(error);
    CHECK(error.starts_with("chat.jsonl:3: "));
    CHECK(error.find(finding) != error.npos);
    CHECK(error.find('\n') == error.npos);
  };
  refused("{", "not JSON");
  refused("[1]", "must be an object");
  refused("{}", "no \"messages\": must be a list of {\"role\", \"content\"}");
  refused("{\"messages\": 3}", "\"messages\": must be a list");
  refused("{\"conversations\": [{\"from\": \"human\", \"value\": \"a\"}]}",
          "no \"messages\", but \"conversations\" (ShareGPT): must be a list of "
          "{\"role\", \"content\"}");
  refused(R"({"messages": [{"role": "robot", "content": "a"}]})", "role \"robot\"");
  refused(R"({"messages": [{"role": "user"}]})", "no \"content\"");
  refused(R"({"messages": [{"role": "user", "content": 3}]})", "must be text or parts");
  refused(R"({"messages": [{"role": "user", "content": "a"}, {"role": "system", "content": "b"}]})",
          "must be the first message's");
  refused(R"({"messages": [{"role": "user", "content": [{"type": "image", "image": "no.png"}]},
                           {"role": "assistant", "content": "b"}]})",
          "no.png");
  refused(R"({"messages": [{"role": "assistant", "content": [{"type": "image",
             "image": "PICTURE"}]}]})",
          "must be a user's or a tool's");
  refused(R"({"images": ["PICTURE", "PICTURE"], "messages": [{"role": "user",
             "content": "<image>"}, {"role": "assistant", "content": "b"}]})",
          "2 images for 1 places");
  refused(R"({"images": ["PICTURE"], "messages": [{"role": "user",
             "content": "<image><image>"}, {"role": "assistant", "content": "b"}]})",
          "more places <image>");
  const auto silent = parse(R"({"messages": [{"role": "user", "content": "a"}]})");
  CHECK_THROWS_WITH(render_chat(Chat(silent)), Catch::Contains("no assistant's turn"));
}

TEST_CASE("chat: a source skips bad records with their line and gives the others", "[data][chat]") {
  const testing::TempFolder folder;
  const auto file = folder.write("chat/a.jsonl", R"({"messages": [{"role": "user", "content": "a"}]}
{"id": "good", "language": "de", "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}

no json
)");
  const auto reader = make_reader(ChatConfig{{.path = "chat/*.jsonl", .split = {}}},
                                  ReaderContext{.source = "chat", .root = folder.path()});
  REQUIRE(reader->num_units() == 1);
  std::vector<Document> documents;
  std::vector<Skipped> skipped;
  reader->read(
      0, [&](Document&& document) { documents.push_back(std::move(document)); },
      [&](const Skipped& item) { skipped.push_back(item); });
  REQUIRE(documents.size() == 1);
  CHECK(documents[0].id == "good");
  CHECK(documents[0].language == "de");
  CHECK(documents[0].whole);
  CHECK(show(documents[0]) == "human: a<sep>assistant:{ b\n\n<sep>}");
  REQUIRE(skipped.size() == 2);
  CHECK(skipped[0].place == file.string() + ":1");
  CHECK(skipped[0].finding.find("no assistant's turn") != std::string::npos);
  CHECK(skipped[1].place == file.string() + ":4");
}

TEST_CASE("chat: control characters are as in a corpus, and as in the exported template",
          "[data][chat]") {
  CHECK(chat("{\"messages\": [{\"role\": \"user\", \"content\": "
             "\"a\\r\\nb\\rc\\u007f\\u0000\\u0085d\\u001f\\t\"},"
             "{\"role\": \"assistant\", \"content\": \"e\\r\"}]}") ==
        "human: a\nb\ncd\t<sep>assistant:{ e\n\n\n<sep>}");
  CHECK(chat("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\","
             "\"content\": \"\\u0001\", \"tool_calls\": [{\"function\": {\"name\": \"w\","
             "\"arguments\": {\"a\\u007f\": \"\\r\\u0001\"}}}]}]}") ==
        "human: a<sep>assistant:{ <tool_call>\n{\"name\": \"w\", \"arguments\": "
        "{\"a\":\"\\r\\u0001\"}}\n</tool_call>\n\n<sep>}");
}

TEST_CASE("chat: the name of a function is written as JSON", "[data][chat]") {
  CHECK(chat(R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant",
      "tool_calls": [{"function": {"name": "say \"hi\"\\\n"}}]}]})") ==
        "human: a<sep>assistant:{ <tool_call>\n{\"name\": \"say \\\"hi\\\"\\\\\\n\", "
        "\"arguments\": {}}\n</tool_call>\n\n<sep>}");
}

}  // namespace reka::data
