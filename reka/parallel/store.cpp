#include "reka/parallel/store.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include <c10/util/Logging.h>
#include <netinet/in.h>
#include <resolv.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reka/base/error.h"

namespace reka {
namespace {

constexpr const char* kLoopback = "127.0.0.1";

// LibTorch looks up the name of each address that it connects to or accepts, for its log, and
// writes IPv4's as "::ffff:127.0.0.1", which is in no hosts file: connecting on one machine stands
// still for 5 s wherever a name server does not answer. So the server listens on IPv4 alone, and a
// client asks no name server.

/// While it lives, this thread asks no name server, and LibTorch does not complain of that.
class WithoutNameServers {
 public:
  WithoutNameServers() : log_level_(FLAGS_caffe2_log_level) {
    if ((_res.options & RES_INIT) == 0) res_init();
    servers_ = _res.nscount;
    _res.nscount = 0;
    FLAGS_caffe2_log_level = std::max<int>(log_level_, c10::GLOG_ERROR);
  }
  ~WithoutNameServers() {
    _res.nscount = servers_;
    FLAGS_caffe2_log_level = log_level_;
  }
  WithoutNameServers(const WithoutNameServers&) = delete;
  WithoutNameServers& operator=(const WithoutNameServers&) = delete;

 private:
  int log_level_;
  int servers_ = 0;
};

/// A socket that listens on the loopback interface, and its port.
std::pair<int, uint16_t> listen_on_loopback(int64_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* place = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, place, size) != 0 || listen(fd, SOMAXCONN) != 0 ||
      getsockname(fd, place, &size) != 0) {
    const auto error = errno;
    close(fd);
    throw Error(
        fmt::format("{}:{}: {}: must be free to listen on", kLoopback, port, std::strerror(error)));
  }
  return {fd, ntohs(address.sin_port)};
}

c10d::TCPStoreOptions options_of(int64_t port, std::chrono::milliseconds timeout) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(port);
  options.waitWorkers = false;
  options.timeout = timeout;
  return options;
}

}  // namespace

c10::intrusive_ptr<c10d::TCPStore> serve_store(int64_t port, bool on_one_machine,
                                               std::chrono::milliseconds timeout) {
  auto options = options_of(port, timeout);
  options.isServer = true;
  std::optional<WithoutNameServers> quiet;
  if (on_one_machine) {
    quiet.emplace();
    const auto [fd, taken] = listen_on_loopback(port);
    options.masterListenFd = fd;  // the store closes it
    options.port = taken;
  }
  return c10::make_intrusive<c10d::TCPStore>(kLoopback, options);
}

c10::intrusive_ptr<c10d::TCPStore> reach_store(const std::string& address, int64_t port,
                                               std::chrono::milliseconds timeout) {
  std::optional<WithoutNameServers> quiet;
  if (address.starts_with("127.")) quiet.emplace();
  return c10::make_intrusive<c10d::TCPStore>(address, options_of(port, timeout));
}

}  // namespace reka
