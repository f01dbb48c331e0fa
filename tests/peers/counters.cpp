// What counters.py holds against the tokenizers of Hugging Face.
//   peers_counters TOKENIZER   JSON lines {"text"} -> a line with the number of tokens for each
#include <iostream>
#include <string>

#include <fmt/format.h>

#include "data/tokens/token_counter.h"
#include "reka/base/json.h"

int main(int, char** arguments) {
  const auto counter = reka::data::TokenCounter::load(arguments[1]);
  for (std::string line; std::getline(std::cin, line);)
    fmt::print("{}\n",
               counter->count(reka::parse_json(line, "stdin").at("text").get<std::string>()));
}
