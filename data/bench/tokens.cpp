#include "data/bench/tokens.h"

#include <atomic>
#include <functional>
#include <string_view>
#include <thread>
#include <utility>

#include "data/bench/clock.h"
#include "data/tokens/token_counter.h"
#include "data/tokens/tokenizer.h"

namespace reka::data::bench {
namespace {

// -> seconds and tokens. Texts are taken one after the other by all threads.
std::pair<double, int64_t> measure_count(const std::vector<std::string>& texts, int64_t threads,
                                         const std::function<int64_t(std::string_view)>& count) {
  std::atomic<size_t> next = 0;
  std::atomic<int64_t> sum = 0;
  const auto begin = wall_seconds();
  {
    std::vector<std::jthread> workers;
    for (int64_t n = 0; n < threads; ++n) {
      workers.emplace_back([&] {
        for (auto at = next++; at < texts.size(); at = next++) sum += count(texts[at]);
      });
    }
  }
  return {wall_seconds() - begin, sum};
}

}  // namespace

Json TokensResult::json() const {
  return {{"threads", threads},
          {"text_bytes", text_bytes},
          {"tokens", tokens},
          {"seconds", seconds},
          {"library_seconds", library_seconds},
          {"megabytes_per_second", static_cast<double>(text_bytes) / seconds / 1e6},
          {"times_library", library_seconds / seconds}};
}

TokensResult measure_tokens(const std::vector<std::string>& texts,
                            const std::filesystem::path& tokenizer, int64_t threads,
                            int64_t repeats) {
  TokensResult result{.threads = threads};
  for (const auto& text : texts) result.text_bytes += std::ssize(text);
  const auto own = Tokenizer::load(tokenizer);
  const auto library = TokenCounter::load(tokenizer);
  std::vector<double> seconds, library_seconds;
  for (int64_t repeat = 0; repeat < repeats; ++repeat) {
    const auto [taken, tokens] = measure_count(
        texts, threads, [&](std::string_view text) { return std::ssize(own->encode(text)); });
    result.tokens = tokens;
    seconds.push_back(taken);
    library_seconds.push_back(measure_count(texts, threads, [&](std::string_view text) {
                                return library->count(text);
                              }).first);
  }
  result.seconds = median(std::move(seconds));
  result.library_seconds = median(std::move(library_seconds));
  return result;
}

}  // namespace reka::data::bench
