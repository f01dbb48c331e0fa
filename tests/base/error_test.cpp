#include "reka/base/error.h"

#include "tests/support/catch.h"

TEST_CASE("error: the three kinds share a base and format their parts", "[base][error]") {
  const reka::DataError error("{}:{}: image = {}: must be a file", "a.shard", 3, "x.png");
  CHECK(std::string(error.what()) == "a.shard:3: image = x.png: must be a file");
  CHECK_THROWS_AS(throw reka::ConfigError("k"), reka::Error);
  CHECK_THROWS_AS(throw reka::CheckpointError("k"), reka::Error);
}
