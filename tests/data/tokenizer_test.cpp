#include "data/tokens/tokenizer.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <random>

#include "data/tokens/train.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/reader.h"
#include "reka/weights/checkpoint.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::message_of;

// A few sentences are enough for a small vocabulary; made once for all tests of this file.
std::shared_ptr<const Tokenizer> small_tokenizer() {
  static const auto tokenizer = [] {
    std::vector<std::string> lines;
    for (int n = 0; n < 50; ++n) {
      lines.push_back(fmt::format("The heart is red, the {} leaves are green.", n));
      lines.emplace_back("Das Herz ist rot, die Blätter sind grün.    Ende");
      lines.emplace_back("Le cœur est rouge; <b>les feuilles</b> sont vertes");
    }
    TokenizerTrainConfig config;
    config.vocab_size = 512;
    return Tokenizer::from_bytes(train_tokenizer(lines, config), "small");
  }();
  return tokenizer;
}

bool has_special(const std::vector<int32_t>& ids) {
  return std::any_of(ids.begin(), ids.end(),
                     [](int32_t id) { return small_tokenizer()->is_special(id); });
}

}  // namespace

TEST_CASE("tokenizer: special symbols follow <unk> in their fixed order", "[data][tokenizer]") {
  const auto tokenizer = small_tokenizer();
  REQUIRE(special_symbols().size() == 1 + 19 + 56 + 3);
  CHECK(tokenizer->piece(0) == "<unk>");
  for (size_t n = 0; n < special_symbols().size(); ++n) {
    const auto& symbol = special_symbols()[n];
    CHECK(tokenizer->special(symbol) == static_cast<int32_t>(n) + 1);
    CHECK(tokenizer->is_special(static_cast<int32_t>(n) + 1));
    CHECK(tokenizer->piece(static_cast<int32_t>(n) + 1) == symbol);
  }
  CHECK(tokenizer->end_of_text() == 1);
  CHECK_FALSE(tokenizer->is_special(0));
  CHECK_FALSE(tokenizer->is_special(-1));
  CHECK_FALSE(tokenizer->is_special(512));
  CHECK_THROWS_AS(tokenizer->special("<nothing>"), DataError);
}

TEST_CASE("tokenizer: every UTF-8 text comes back unchanged", "[data][tokenizer]") {
  const std::vector<std::string> texts = {"",
                                          " ",
                                          "  two  spaces  ",
                                          "\n\nlines\r\n\tand\ttabs\n",
                                          "for (i = 0; i < 10; ++i) {\n    x",
                                          "日本語とไทย และ हिन्दी",
                                          "👩‍👩‍👧‍👦 🏳️‍🌈 ✊🏿",
                                          "a\u2581b \u2581\u2581 c",
                                          "\u00A0\u200B\u200D\uFEFF\uFFFD",
                                          "e\u0301 \u00E9",
                                          std::string("nul\0inside", 10),
                                          "<unk> <s> </s> <0x0A> <0xE2>",
                                          "<sep><sep><image></image>[S2S]<extra_id_0><|endoftext|>",
                                          "<<sep>sep> [[NLG]NLG]",
                                          "12345.678"};
  for (const auto& text : texts) {
    INFO(text);
    CHECK(small_tokenizer()->decode(small_tokenizer()->encode(text)) == text);
  }
}

TEST_CASE("tokenizer: plain text never yields a special id", "[data][tokenizer]") {
  const auto tokenizer = small_tokenizer();
  for (const auto& symbol : special_symbols()) {
    INFO(symbol);
    const auto twice = symbol + symbol;
    const auto within = symbol.substr(0, 1) + symbol + symbol.substr(1);
    for (const auto& text : {symbol, twice, within, "a " + symbol + " b"}) {
      CHECK_FALSE(has_special(tokenizer->encode(text)));
      CHECK(tokenizer->decode(tokenizer->encode(text)) == text);
    }
    CHECK(tokenizer->encode_with_specials("a" + symbol) ==
          std::vector<int32_t>{tokenizer->encode("a")[0], tokenizer->special(symbol)});
  }
}

TEST_CASE("tokenizer: a literal special is encoded as any other text", "[data][tokenizer]") {
  const auto tokenizer = small_tokenizer();
  REQUIRE(tokenizer->encode("</").size() == 1);  // learnt from </b>
  CHECK(tokenizer->encode("</image>")[0] == tokenizer->encode("</")[0]);
  CHECK(tokenizer->encode("</image").size() + 1 == tokenizer->encode("</image>").size());
}

TEST_CASE("tokenizer: a text's ids are those of SentencePiece for the whole of it",
          "[data][tokenizer]") {
  const auto tokenizer = small_tokenizer();
  std::mt19937 random(1);
  const auto below = [&](size_t end) { return random() % end; };
  // Pieces and parts of them, spaces, characters that the model has not seen, bytes that are none.
  constexpr std::array<std::string_view, 7> kRare = {"日本",    "\n",   "\t",  "é",
                                                     "e\u0301", "🧿", "\r\n"};
  const auto something = [&]() -> std::string {
    const auto kind = below(12);
    if (kind == 0) return std::string(1 + below(4), ' ');
    if (kind == 1) return std::string(1, static_cast<char>(128 + below(128)));
    if (kind == 2) return std::string(kRare[below(kRare.size())]);
    const auto piece = tokenizer->decode(std::vector{static_cast<int32_t>(80 + below(432))});
    return kind == 3 ? piece.substr(0, 1 + below(piece.size())) : piece;
  };
  for (int n = 0; n < 3000; ++n) {
    std::string text;
    for (auto parts = below(40); parts > 0; --parts) text += something();
    if (text.find("\u2581") != std::string::npos || text.find('<') != std::string::npos) continue;
    INFO(text);
    CHECK(tokenizer->encode(text) == tokenizer->encode_with_specials(text));
  }
}

TEST_CASE("tokenizer: digits stay single and ids out of range are refused", "[data][tokenizer]") {
  const auto tokenizer = small_tokenizer();
  CHECK(tokenizer->encode("2024").size() == 4);
  CHECK_THROWS_AS(tokenizer->decode(std::vector<int32_t>{512}), DataError);
  CHECK_THROWS_AS(tokenizer->decode(std::vector<int32_t>{-1}), DataError);
  CHECK_THROWS_AS(tokenizer->piece(512), DataError);
}

TEST_CASE("tokenizer: half a character decodes to U+FFFD", "[data][tokenizer]") {
  const auto ids = small_tokenizer()->encode("\u6F22");  // not a piece: three bytes
  REQUIRE(ids.size() == 3);
  const auto text = small_tokenizer()->decode(std::span(ids).first(1));
  CHECK(text == "\uFFFD");
}

TEST_CASE("tokenizer: a missing, empty or damaged model is refused in one line",
          "[data][tokenizer]") {
  const auto& bytes = small_tokenizer()->model_bytes();
  CHECK_THROWS_AS(Tokenizer::load("/nonexistent/tokenizer.model"), DataError);
  CHECK_THROWS_AS(Tokenizer::from_bytes("", "empty"), DataError);
  CHECK_THROWS_AS(Tokenizer::from_bytes("not a model at all", "text"), DataError);
  for (const auto share : {0.1, 0.5, 0.9, 0.99}) {
    const auto size = static_cast<size_t>(static_cast<double>(bytes.size()) * share);
    CHECK_THROWS_AS(Tokenizer::from_bytes(bytes.substr(0, size), "cut"), DataError);
  }
  for (size_t size = bytes.size() - 400; size < bytes.size(); ++size) {
    CHECK_THROWS_AS(Tokenizer::from_bytes(bytes.substr(0, size), "cut"), DataError);
  }
  try {
    Tokenizer::from_bytes("x", "the/place");
  } catch (const DataError& error) {
    CHECK(std::string(error.what()).starts_with("the/place: "));
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
  }
}

TEST_CASE("tokenizer: the same lines give the same model", "[data][tokenizer]") {
  std::vector<std::string> lines(40, "one two three four five six seven eight nine ten");
  for (int n = 0; n < 200; ++n) lines.push_back(fmt::format("word{} and more{}", n * 7, n));
  TokenizerTrainConfig config;
  config.vocab_size = 512;
  lines.push_back("abcdefghijklmnopqrstuvwxyz the quick brown fox jumps over a lazy dog, often");
  for (int n = 0; n < 400; ++n) {
    std::string word;
    for (int k = 0; k < 9; ++k) word += static_cast<char>('a' + (n * (k + 3) + k * k) % 26);
    lines.push_back(fmt::format("{0} {0}", word));
  }
  CHECK(train_tokenizer(lines, config) == train_tokenizer(lines, config));
}

TEST_CASE(
    "tokenizer training: a vocabulary that the lines do not yield is refused with the nearest",
    "[data][tokenizer]") {
  TokenizerTrainConfig config;
  const auto message = [&](const std::vector<std::string>& lines) {
    return message_of<DataError>([&] { train_tokenizer(lines, config); });
  };
  config.vocab_size = 8192;
  const auto too_large = message({"too little"});
  CHECK_THAT(too_large,
             Catch::StartsWith("data.tokenizer.vocab_size = 8192: 1 lines yield no more "
                               "than ") &&
                 Catch::EndsWith(": must be at most that, or tokenizer must be of type file"));
  config.vocab_size = 512;
  config.character_coverage = 1;
  std::string characters;  // U+4E00 and 1023 after it
  for (int n = 0; n < 1024; ++n) {
    characters += {'\xE4', static_cast<char>(0xB8 + n / 64), static_cast<char>(0x80 + n % 64)};
  }
  CHECK_THAT(message({characters}), Catch::Contains("the characters of 1 lines alone are 1") &&
                                        Catch::EndsWith(": must be at least that"));
  CHECK_THROWS_AS(train_tokenizer({}, config), DataError);
}

TEST_CASE(
    "tokenizer training: a share of characters that SentencePiece refuses is out of its limits",
    "[data][tokenizer]") {
  const auto message = [](const std::string& value) {
    return message_of<ConfigError>(
        [&] { load_config_text<TokenizerTrainConfig>("character_coverage: " + value, "c.yaml"); });
  };
  CHECK(message("0") == "c.yaml:1:21: character_coverage = 0: must be in [0.98, 1]");
  CHECK_NOTHROW(load_config_text<TokenizerTrainConfig>("character_coverage: 0.98", "c.yaml"));
}

TEST_CASE("tokenizer training: long lines are cut at spaces or characters, nothing is lost",
          "[data][tokenizer]") {
  std::string text = "short\n\n";
  for (int n = 0; n < 100; ++n) text += "word ";
  text += "\n";
  for (int n = 0; n < 100; ++n) text += "漢";
  std::string joined;
  for (const auto& line : training_lines(text, 50)) {
    CHECK(line.size() <= 50);
    CHECK((static_cast<unsigned char>(line[0]) & 0xC0) != 0x80);
    joined += line;
  }
  std::erase(text, '\n');
  CHECK(joined == text);
}

TEST_CASE("tokenizer training: shares follow the exponent and never exceed what is there",
          "[data][tokenizer]") {
  TokenizerTrainConfig config;
  config.sample_bytes = 100'000;
  config.language_exponent = 0.5;
  const auto rates = sampling_rates({{"a", 1'000'000}, {"b", 10'000}, {"c", 16}}, config);
  CHECK(rates.at("c") == 1.0);
  CHECK(rates.at("a") * 1e6 == Approx(99984.0 * 1000 / 1100));
  CHECK(rates.at("b") * 1e4 == Approx(99984.0 * 100 / 1100));
  CHECK(sampling_rates({{"a", 10}, {"b", 20}}, config) ==
        std::map<std::string, double>{{"a", 1.0}, {"b", 1.0}});
}

TEST_CASE("tokenizer: a file, its folder and a run with such a checkpoint all give it",
          "[data][tokenizer]") {
  const testing::TempFolder folder;
  const auto& bytes = small_tokenizer()->model_bytes();
  const auto checkpoint = folder.path() / "run" / "checkpoints" / "step-2";
  const auto file = folder.write("run/checkpoints/step-2/tokenizer.model", bytes);
  CheckpointManifest manifest{.step = 2};
  manifest.files["tokenizer.model"] = hex(xxh3_64(bytes));
  manifest.save(checkpoint);
  for (const auto& path : {file, checkpoint, folder.path() / "run"}) {
    INFO(path);
    CHECK(Tokenizer::load(path)->fingerprint() == small_tokenizer()->fingerprint());
  }
  folder.write("run/checkpoints/step-2/tokenizer.model", bytes + " ");
  CHECK_THROWS_WITH(Tokenizer::load(folder.path() / "run"), Catch::Contains("damaged"));
}

}  // namespace reka::data
