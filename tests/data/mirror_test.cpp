#include "data/shards/mirror.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "data/shards/fetcher.h"
#include "data/shards/writer.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/data/loader_setup.h"
#include "tests/support/http_server.h"
#include "tests/support/message.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using testing::HttpServer;
using testing::LoaderSetup;

/// A corpus behind a server, and a cache.
struct Served {
  LoaderSetup setup;
  HttpServer server{setup.folder};
  CacheConfig cache{
      .folder = (setup.temporary.path() / "cache").string(), .tries = 3, .stall_seconds = 1};
  Manifest manifest = Manifest::load(setup.folder);

  Served() { write_file_atomic(setup.folder / "tokenizer.model", "bytes"); }

  fs::path folder() const { return local_folder(server.url() + "/", cache); }
  std::string bytes_of(size_t shard) const {
    return read_file(setup.folder / manifest.shards[shard].file);
  }
  int64_t answers_of(size_t shard) const {
    return std::ranges::count_if(server.answers(), [&](const std::string& answer) {
      return answer.starts_with(manifest.shards[shard].file + " ");
    });
  }
};

int64_t size_of(const fs::path& cache) {
  int64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(cache))
    if (entry.path().extension() == ".shard") bytes += static_cast<int64_t>(entry.file_size());
  return bytes;
}

}  // namespace

TEST_CASE("mirror: rows read through a server are those of the folder", "[data][mirror]") {
  Served served;
  const auto expected = testing::global_rows(served.setup, 1, 60);
  const auto folder = served.folder();
  CHECK(folder.parent_path() == fs::path(served.cache.folder));
  CHECK(local_folder(served.setup.folder.string(), served.cache) == served.setup.folder);
  for (auto& source : served.setup.sources) source.folder = folder;
  for (const int64_t threads : {0, 2}) {
    served.setup.config.threads = threads;
    CHECK(testing::global_rows(served.setup, 2, 60) == expected);
  }
  const auto sent = served.server.answers().size();
  CHECK(testing::global_rows(served.setup, 1, 60) == expected);
  for (size_t i = 0; i < served.manifest.shards.size(); ++i) CHECK(served.answers_of(i) <= 4);
  CHECK(served.server.answers().size() <= sent + served.manifest.shards.size());
}

TEST_CASE("mirror: rows are counted from the indices alone", "[data][mirror]") {
  Served served;
  for (auto& source : served.setup.sources) source.folder = served.folder();
  const auto rules = std::make_shared<const RowRules>(
      testing::kRow, ObjectiveConfig(), testing::byte_tokenizer(), testing::test_rules());
  const auto count = [&] {
    const RowStream stream({.seed = 5}, served.setup.sources, rules);
    return stream.source_rows();
  };
  const auto rows = count();
  int64_t shards = 0;
  for (const auto& info : served.manifest.shards) shards += info.bytes;
  CHECK(served.server.bytes_sent() < shards);
  CHECK(size_of(served.cache.folder) == 0);
  const auto sent = served.server.bytes_sent();
  CHECK(count() == rows);
  CHECK(served.server.bytes_sent() == sent);
}

TEST_CASE("mirror: a cut connection is gone on with where it ended", "[data][mirror]") {
  Served served;
  const auto folder = served.folder();
  served.server.cuts = 4;
  served.cache.tries = 2;  // each try brings bytes
  const auto mirror = Mirror::open(folder);
  CHECK(read_file(mirror->whole(served.manifest.shards[0])) == served.bytes_of(0));
  CHECK(served.answers_of(0) == 5);
  const auto answers = served.server.answers();
  CHECK_THAT(answers.back(), !Contains(" 0-"));
  // What a killed process left is the beginning of the next try.
  const auto& shard = served.manifest.shards[1];
  write_file_atomic(folder / (shard.file + ".part"), served.bytes_of(1).substr(0, 1000));
  CHECK(read_file(mirror->whole(shard)) == served.bytes_of(1));
  CHECK(served.server.answers().back() == fmt::format("{} 1000-{}", shard.file, shard.bytes));
}

TEST_CASE("mirror: a server that knows no ranges gives the same bytes", "[data][mirror]") {
  Served served;
  const auto folder = served.folder();
  served.server.ranges = false;
  served.server.cuts = 1;
  const auto mirror = Mirror::open(folder);
  CHECK(read_file(mirror->whole(served.manifest.shards[0])) == served.bytes_of(0));
  const auto index =
      mirror->open_shard(served.manifest, served.manifest.shards[1], ShardPart::kIndex);
  const ShardReader whole(served.setup.folder, served.manifest, 1);
  REQUIRE(index->size() == whole.size());
  for (size_t i = 0; i < whole.size(); ++i) {
    CHECK(index->id(i) == whole.id(i));
    CHECK(index->num_tokens(i) == whole.num_tokens(i));
  }
}

TEST_CASE("mirror: wrong bytes never take the name of a shard", "[data][mirror]") {
  Served served;
  const auto folder = served.folder();
  const auto mirror = Mirror::open(folder);
  served.server.wrong = 2;
  CHECK(read_file(mirror->whole(served.manifest.shards[0])) == served.bytes_of(0));
  served.server.wrong = 1000;
  const auto message =
      testing::message_of<DataError>([&] { mirror->whole(served.manifest.shards[1]); });
  CHECK_THAT(message, Contains(served.manifest.shards[1].file + ": wrong bytes 3 times: "));
  CHECK_FALSE(fs::exists(folder / served.manifest.shards[1].file));
  const auto index = testing::message_of<DataError>(
      [&] { mirror->open_shard(served.manifest, served.manifest.shards[2], ShardPart::kIndex); });
  CHECK_THAT(index, Contains("wrong bytes 3 times"));
  served.server.wrong = 0;
  CHECK(read_file(mirror->whole(served.manifest.shards[1])) == served.bytes_of(1));
}

TEST_CASE("mirror: a busy, silent or absent server is waited for and then named in one line",
          "[data][mirror]") {
  Served served;
  const auto folder = served.folder();
  const auto mirror = Mirror::open(folder);
  const auto& shards = served.manifest.shards;
  served.server.refusals = 2;
  CHECK(read_file(mirror->whole(shards[0])) == served.bytes_of(0));
  served.server.stalls = 1;
  CHECK(read_file(mirror->whole(shards[1])) == served.bytes_of(1));
  served.server.refusals = 3;
  CHECK_THAT(
      testing::message_of<DataError>([&] { mirror->whole(shards[2]); }),
      Contains(shards[2].file + ": HTTP 503: expected a server that answers; tried 3 times"));
  auto absent = shards[2];
  absent.file = "absent.shard";
  CHECK_THAT(testing::message_of<DataError>([&] { mirror->whole(absent); }),
             Contains("absent.shard: HTTP 404: expected a file that the server gives"));
  served.server.stop();
  const auto gone = testing::message_of<DataError>([&] { mirror->whole(shards[2]); });
  CHECK_THAT(gone, Contains("expected a server that answers; tried 3 times in vain"));
  CHECK(gone.find('\n') == std::string::npos);
  CHECK(read_file(mirror->whole(shards[0])) == served.bytes_of(0));  // it is here
  CHECK(served.folder() == folder);                                  // with the manifest of before
  served.cache.folder += "-other";
  CHECK_THROWS_AS(served.folder(), DataError);
}

TEST_CASE("mirror: the cache stays within its size and keeps what was used last",
          "[data][mirror]") {
  Served served;
  const auto& shards = served.manifest.shards;
  served.cache.bytes = 4 * (shards[0].bytes + 8192);
  const auto folder = served.folder();
  const auto mirror = Mirror::open(folder);
  for (size_t i = 0; i < shards.size(); ++i) {
    mirror->whole(shards[i]);
    CHECK(fs::exists(folder / shards[i].file));
    CHECK(size_of(served.cache.folder) <= served.cache.bytes);
    if (i >= 3) mirror->whole(shards[0]);  // used all the time
  }
  CHECK(fs::exists(folder / shards[0].file));
  CHECK_FALSE(fs::exists(folder / shards[1].file));
  CHECK(served.answers_of(0) == 1);
}

TEST_CASE("mirror: processes of one machine fetch a shard once", "[data][mirror]") {
  Served served;
  const auto folder = served.folder();
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&] {
      const auto mirror = Mirror::open(folder);
      for (size_t shard = 0; shard < 4; ++shard)
        right += read_file(mirror->whole(served.manifest.shards[shard])) == served.bytes_of(shard);
    });
  for (auto& thread : threads) thread.join();
  CHECK(right == 24);
  for (size_t shard = 0; shard < 4; ++shard) CHECK(served.answers_of(shard) == 1);
}

TEST_CASE("mirror: shards come before they are asked for, and an end does not wait for them",
          "[data][mirror]") {
  Served served;
  const auto folder = served.folder();
  {
    const auto fetcher = Fetcher::open(folder);
    REQUIRE(fetcher);
    fetcher->expect({served.manifest.shards[0], served.manifest.shards[1]});
    fetcher->wait();
  }
  CHECK(fs::exists(folder / served.manifest.shards[1].file));
  served.server.stalls = 100;
  served.cache.stall_seconds = 3600;
  {
    const auto fetcher = Fetcher::open(served.setup.folder);
    CHECK_FALSE(fetcher);
    const auto stalled = Fetcher::open(folder);
    stalled->expect({served.manifest.shards[2]});
  }
  SUCCEED("it ended");
}

TEST_CASE("mirror: a folder that lacks a shard is told in one line", "[data][mirror]") {
  LoaderSetup setup;
  const auto manifest = Manifest::load(setup.folder);
  fs::remove(setup.folder / manifest.shards[2].file);
  const auto message = testing::message_of<DataError>([&] { setup.loader(); });
  CHECK_THAT(message, Contains(manifest.shards[2].file + ": is missing: expected the shard that "
                                                         "manifest.json names"));
  CHECK(message.find('\n') == std::string::npos);
}

}  // namespace reka::data
