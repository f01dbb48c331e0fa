#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace reka::data {

/// How long a server is waited for. A try that brings bytes begins the count anew.
struct Patience {
  int64_t tries = 12;         // in a row that bring nothing; the waits between them double
  double first_wait = 0.2;    // seconds, up to 30
  double stall_seconds = 30;  // a connection that brings nothing for so long is cut
};

bool is_url(std::string_view place);  // http:// or https://

// Certificates are checked against those of the system, or the file that CURL_CA_BUNDLE names, as
// the program curl does.

/// GET of `url` into `file`: what is there already is taken as its beginning and the rest asked for
/// as a range; a server that sends all of it all the same is understood. `bytes` is the length that
/// is expected of the whole, 0 where it is not known. `stop` ends it between two pieces.
/// Throws DataError: the server says no, stays away, sends more; what came stays in `file`.
void download(const std::string& url, const std::filesystem::path& file, int64_t bytes,
              const Patience& patience, const std::atomic<bool>* stop = nullptr);

/// Bytes [begin, end) of `url`. A server that knows no ranges sends the whole; only the part is
/// kept. Throws DataError.
std::string download_range(const std::string& url, int64_t begin, int64_t end,
                           const Patience& patience);

}  // namespace reka::data
