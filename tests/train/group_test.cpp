#include "reka/parallel/group.h"

#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reka/base/error.h"
#include "tests/support/testing.h"

namespace {

/// A port of the loopback interface that nobody uses.
int64_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

/// Runs `body` once for each rank, each in a thread with its own group; rethrows the first error.
void on_ranks(int64_t size, const std::function<void(reka::Group&)>& body) {
  const auto port = free_port();
  std::vector<std::exception_ptr> errors(size);
  std::vector<std::thread> threads;
  for (int64_t rank = 0; rank < size; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        const reka::Launch launch = {
            .rank = rank, .world_size = size, .local_world_size = size, .port = port};
        const auto group = reka::Group::connect(launch, at::kCPU, std::chrono::seconds(20));
        body(*group);
      } catch (...) {
        errors[rank] = std::current_exception();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace

TEST_CASE("group: three ranks sum, broadcast, gather and share", "[parallel][group]") {
  std::vector<at::Tensor> sums(3), roots(3), all(3);
  std::vector<std::string> texts(3);
  std::vector<int> any(3);
  on_ranks(3, [&](reka::Group& group) {
    const auto rank = group.rank();
    sums[rank] = at::full({2, 3}, static_cast<double>(rank + 1));
    group.sum(sums[rank]);
    roots[rank] = at::full({4}, rank, at::kLong);
    group.broadcast(roots[rank], 2);
    all[rank] = group.gather(at::full({2}, rank, at::kInt));
    texts[rank] = group.share(fmt::format("from {}", rank));
    any[rank] = group.any(rank == 1) + 2 * group.any(false);
  });
  for (int rank = 0; rank < 3; ++rank) {
    CHECK(torch::equal(sums[rank], at::full({2, 3}, 6.0)));
    CHECK(torch::equal(roots[rank], at::full({4}, 2, at::kLong)));
    CHECK(torch::equal(all[rank], torch::tensor({0, 0, 1, 1, 2, 2}, at::kInt).view({3, 2})));
    CHECK(texts[rank] == "from 0");
    CHECK(any[rank] == 1);
  }
}

TEST_CASE("group: a strided tensor and unequal lengths are refused", "[parallel][group]") {
  CHECK_THROWS_WITH(on_ranks(2,
                             [](reka::Group& group) {
                               group.sum(at::ones({4, 4}).t()[0]);
                             }),
                    Catch::Matchers::Contains("is not contiguous"));
  CHECK_THROWS_WITH(
      on_ranks(2, [](reka::Group& group) { group.sum(at::ones({3 + group.rank()})); }),
      Catch::Matchers::Contains("has (operation, length, type)"));
}

TEST_CASE("group: a rank that leaves ends the others with one line", "[parallel][group]") {
  std::string message;
  on_ranks(2, [&](reka::Group& group) {
    if (group.rank() == 1) return;
    try {
      group.barrier();
    } catch (const reka::Error& error) {
      message = error.what();
    }
  });
  CHECK_THAT(message, Catch::Matchers::StartsWith("rank 0: sum: "));
  CHECK_THAT(message, Catch::Matchers::EndsWith("another rank has failed or is late"));
  CHECK(message.find('\n') == std::string::npos);
}

TEST_CASE("group: alone, collectives change nothing", "[parallel][group]") {
  const auto group = reka::Group::alone();
  auto x = at::arange(3);
  group->sum(x);
  group->broadcast(x);
  CHECK(torch::equal(x, at::arange(3)));
  CHECK(group->gather(x).sizes() == at::IntArrayRef({1, 3}));
  CHECK(group->share("text") == "text");
  CHECK_FALSE(group->any(false));
  CHECK(group->any(true));
}
