#pragma once

#include <algorithm>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace reka::testing {

/// Gives the files of a folder on a loopback port, and misbehaves as it is told: each number says
/// how many of the next answers do.
class HttpServer {
 public:
  std::atomic<int> refusals = 0;    // HTTP 503
  std::atomic<int> cuts = 0;        // the connection ends after half of the bytes
  std::atomic<int> stalls = 0;      // nothing is said until the client hangs up
  std::atomic<int> wrong = 0;       // one byte is another
  std::atomic<bool> ranges = true;  // false: always the whole file

  explicit HttpServer(std::filesystem::path folder) : folder_(std::move(folder)) {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    listen(socket_, 16);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { serve(); });
  }
  ~HttpServer() {
    stop();
    accepting_.join();
    for (auto& thread : threads_) thread.join();
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }
  /// Nobody answers on the port any more.
  void stop() {
    if (!stop_.exchange(true)) close(socket_);
  }
  /// "name begin-end" of each answer with bytes, in their order.
  std::vector<std::string> answers() const {
    const std::lock_guard lock(mutex_);
    return answers_;
  }
  int64_t bytes_sent() const { return bytes_sent_; }

 private:
  void serve() {
    while (!stop_) {
      pollfd waiting = {socket_, POLLIN, 0};
      if (poll(&waiting, 1, 20) <= 0 || stop_) continue;
      const int client = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      threads_.emplace_back([this, client] {
        answer(client);
        close(client);
      });
    }
  }

  static bool take(std::atomic<int>& count) {
    auto left = count.load();
    while (left > 0 && !count.compare_exchange_weak(left, left - 1)) {
    }
    return left > 0;
  }

  void send_all(int client, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes_sent_ += sent;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }

  static std::string read_request(int client) {
    std::string request;
    char buffer[1024];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const auto got = recv(client, buffer, sizeof(buffer), 0);
      if (got <= 0) break;
      request.append(buffer, static_cast<size_t>(got));
    }
    return request;
  }

  void answer(int client) {
    const auto request = read_request(client);
    const auto begin = request.find('/');
    if (begin == std::string::npos) return;  // the client has gone
    const auto name = request.substr(begin + 1, request.find(' ', begin) - begin - 1);
    if (take(stalls)) {
      pollfd closed = {client, POLLRDHUP, 0};
      while (!stop_ && poll(&closed, 1, 20) <= 0) {
      }
      return;
    }
    if (take(refusals)) return send_all(client, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
    std::ifstream file(folder_ / name, std::ios::binary);
    if (!file) return send_all(client, "HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n");
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    size_t from = 0, to = bytes.size();
    bool partial = false;
    if (const auto range = request.find("Range: bytes="); ranges && range != std::string::npos) {
      const auto* text = request.data() + range + 13;
      const auto* end = request.data() + request.size();
      const auto dash = std::from_chars(text, end, from).ptr;
      size_t last = 0;
      if (std::from_chars(dash + 1, end, last).ec == std::errc()) to = std::min(to, last + 1);
      partial = true;
      if (from >= bytes.size())
        return send_all(client, "HTTP/1.1 416 None\r\nContent-Length: 0\r\n\r\n");
    }
    auto body = bytes.substr(from, to - from);
    if (take(wrong)) body[body.size() / 2] = static_cast<char>(body[body.size() / 2] ^ 1);
    {
      const std::lock_guard lock(mutex_);
      answers_.push_back(fmt::format("{} {}-{}", name, from, to));
    }
    send_all(client, fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n{}Connection: close\r\n\r\n",
                                 partial ? "206 Partial" : "200 OK", body.size(),
                                 partial ? fmt::format("Content-Range: bytes {}-{}/{}\r\n", from,
                                                       to - 1, bytes.size())
                                         : ""));
    if (take(cuts)) body.resize(body.size() / 2);
    send_all(client, body);
  }

  std::filesystem::path folder_;
  int socket_ = -1, port_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<int64_t> bytes_sent_ = 0;
  mutable std::mutex mutex_;  // of answers_
  std::vector<std::string> answers_;
  std::vector<std::thread> threads_;  // of the accepting thread alone
  std::thread accepting_;
};

}  // namespace reka::testing
