#include "reka/parallel/group.h"

#include "reka/base/error.h"
#include "tests/support/testing.h"
#include "tests/train/ranks.h"

using reka::testing::on_ranks;

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

TEST_CASE("group: ranks that leave at once disturb nobody's connecting", "[parallel][group]") {
  for (int round = 0; round < 20; ++round) CHECK_NOTHROW(on_ranks(3, [](reka::Group&) {}));
}

TEST_CASE("group: a rank that leaves ends the others with one line", "[parallel][group]") {
  std::string message;
  on_ranks(2, [&](reka::Group& group) {
    if (group.rank() == 1) return;
    try {
      group.any(false);
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
