#include "data/shards/download.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <curl/curl.h>

#include "reka/base/error.h"
#include "reka/base/log.h"
#include "reka/base/progress.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

constexpr double kLongestWait = 30;
constexpr long kConnectSeconds = 10;

/// One GET: which bytes are wanted and where they go.
struct Transfer {
  CURL* curl = nullptr;
  int64_t begin = 0;           // the first byte that is wanted
  std::optional<int64_t> end;  // none: to the end
  std::function<bool(std::string_view)> take;
  const std::atomic<bool>* stop = nullptr;
  int64_t skip = -1;  // bytes before `begin` that are sent all the same; -1: not known yet
  int64_t taken = 0;
  bool too_many = false;
};

size_t on_bytes(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string_view bytes(data, size * count);
  if (transfer.skip < 0) {
    long code = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &code);
    transfer.skip = code == 206 ? 0 : transfer.begin;
  }
  const auto skipped = std::min<int64_t>(transfer.skip, std::ssize(bytes));
  bytes.remove_prefix(static_cast<size_t>(skipped));
  transfer.skip -= skipped;
  if (transfer.end) {
    const auto room = *transfer.end - transfer.begin - transfer.taken;
    transfer.too_many = std::ssize(bytes) > room;
    bytes = bytes.substr(0, static_cast<size_t>(room));
  }
  transfer.taken += std::ssize(bytes);
  if (!transfer.take(bytes)) return 0;
  return transfer.too_many ? 0 : size * count;  // what is wanted is here, or too much
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto* stop = static_cast<Transfer*>(user)->stop;
  return stop != nullptr && *stop ? 1 : 0;
}

/// What a try came to: done, to be tried again with `finding`, or for good.
struct Outcome {
  bool done = false;
  bool again = true;
  std::string finding;
};

std::unique_ptr<CURL, void (*)(CURL*)> make_request(const std::string& url, Transfer& transfer,
                                                    const Patience& patience) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  transfer.curl = curl.get();
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  if (const auto* bundle = std::getenv("CURL_CA_BUNDLE"); bundle != nullptr && *bundle != '\0')
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO, bundle);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME,
                   std::max(1L, std::lround(patience.stall_seconds)));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_bytes);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  if (transfer.begin > 0 || transfer.end) {
    const auto last = transfer.end ? std::to_string(*transfer.end - 1) : std::string();
    curl_easy_setopt(curl.get(), CURLOPT_RANGE, fmt::format("{}-{}", transfer.begin, last).c_str());
  }
  return curl;
}

Outcome try_once(const std::string& url, Transfer& transfer, const Patience& patience) {
  const auto curl = make_request(url, transfer, patience);
  const auto code = curl_easy_perform(curl.get());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  const bool has_all = transfer.end && transfer.taken == *transfer.end - transfer.begin;
  if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && has_all)) return {.done = true};
  if (code == CURLE_HTTP_RETURNED_ERROR) {
    const bool busy = status >= 500 || status == 408 || status == 416 || status == 429;
    return {.again = busy, .finding = fmt::format("HTTP {}", status)};
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) return {.again = false, .finding = "stopped"};
  static constexpr std::array kForGood = {CURLE_WRITE_ERROR, CURLE_UNSUPPORTED_PROTOCOL,
                                          CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE};
  return {.again = std::ranges::find(kForGood, code) == kForGood.end(),
          .finding = curl_easy_strerror(code)};
}

/// Tries `once` until it is done. -> the error for the caller otherwise.
template <typename Once>
void with_patience(const std::string& url, const Patience& patience, const std::atomic<bool>* stop,
                   const Once& once) {
  auto wait = patience.first_wait;
  int64_t in_vain = 0;
  while (true) {
    Transfer transfer{.stop = stop};
    const auto outcome = once(transfer);
    if (outcome.done) return;
    in_vain = transfer.taken > 0 ? 1 : in_vain + 1;
    if (transfer.taken > 0) wait = patience.first_wait;
    if (!outcome.again)
      throw DataError("{}: {}: expected a file that the server gives", url, outcome.finding);
    if (in_vain >= patience.tries)
      throw DataError("{}: {}: expected a server that answers; tried {} times in vain", url,
                      outcome.finding, in_vain);
    warn("{}: {}: tried again in {:.1f} s", url, outcome.finding, wait);
    const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(wait);
    while (std::chrono::steady_clock::now() < until && (stop == nullptr || !*stop))
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    wait = std::min(2 * wait, kLongestWait);
  }
}

}  // namespace

bool is_url(std::string_view place) {
  return place.starts_with("http://") || place.starts_with("https://");
}

void download(const std::string& url, const fs::path& file, int64_t bytes, const Patience& patience,
              const std::atomic<bool>* stop) {
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  const File out(std::fopen(file.c_str(), "ab"), std::fclose);
  if (!out) throw DataError("{}: cannot be written: expected a cache that can", file.string());
  std::optional<Progress> progress;  // somebody waits
  if (stop == nullptr && bytes > 0) progress.emplace("fetch", bytes, "bytes");
  with_patience(url, patience, stop, [&](Transfer& transfer) -> Outcome {
    std::fflush(out.get());
    transfer.begin = static_cast<int64_t>(fs::file_size(file));
    if (bytes > 0 && transfer.begin == bytes) return {.done = true};
    if (bytes > 0) transfer.end = bytes;
    transfer.take = [&](std::string_view piece) {
      if (progress) progress->advance(std::ssize(piece));
      return std::fwrite(piece.data(), 1, piece.size(), out.get()) == piece.size();
    };
    auto outcome = try_once(url, transfer, patience);
    if (std::fflush(out.get()) != 0 || std::ferror(out.get()) != 0)
      return {.again = false, .finding = fmt::format("{}: the disk takes no more", file.string())};
    const auto length = transfer.begin + transfer.taken;
    if (bytes > 0 && outcome.done && length < bytes)
      return {.finding = fmt::format("ends after {} of {} bytes", length, bytes)};
    return outcome;
  });
}

std::string download_range(const std::string& url, int64_t begin, int64_t end,
                           const Patience& patience) {
  std::string text;
  with_patience(url, patience, nullptr, [&](Transfer& transfer) -> Outcome {
    transfer.begin = begin + std::ssize(text);
    transfer.end = end;
    transfer.take = [&](std::string_view piece) {
      text += piece;
      return true;
    };
    auto outcome = try_once(url, transfer, patience);
    if (outcome.done && std::ssize(text) < end - begin)
      return {.finding = fmt::format("ends after {} of {} bytes", begin + std::ssize(text), end)};
    return outcome;
  });
  return text;
}

}  // namespace reka::data
