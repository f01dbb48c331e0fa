#include "data/batch/plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "data/shards/writer.h"
#include "reka/base/error.h"
#include "reka/base/random.h"
#include "tests/data/made_samples.h"
#include "tests/support/temp_folder.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

using testing::byte_tokenizer;
using testing::media_sample;
using testing::TempFolder;

constexpr int64_t kRoom = 64;

RowRules rules_for(const ObjectiveConfig& objective) {
  const MediaRules media{"wide",
                         [](Modality, const Geometry& geometry) {
                           return MediaLayout{
                               .runs = 1, .tokens_per_run = geometry.width, .times = {}};
                         },
                         {}};
  return {kRoom, objective, byte_tokenizer(), media};
}

/// Texts shorter and longer than a row, a text of which only the end is predicted, and pictures of
/// which the last two are too long for a row.
std::shared_ptr<const ShardReader> group_of(const TempFolder& temporary) {
  const auto folder = temporary.path() / "shards";
  ShardWriter writer(folder, {.tokenizer = byte_tokenizer()->fingerprint()});
  for (auto sample : testing::text_samples(60, 300, 3)) {
    sample.source = "all";
    writer.add(sample);
  }
  auto late = testing::text_sample("late", std::string(200, 'x'));
  late.source = "all";
  late.targets = {{150, 51}};
  writer.add(late);
  for (const int width : {1, 40, 100, 1000}) {
    auto sample =
        media_sample(fmt::format("wide{}", width), Modality::kImage, {width, 8, 0, 0}, "x");
    sample.source = "all";
    writer.add(sample);
  }
  const auto manifest = writer.finish();
  REQUIRE(manifest.shards.size() == 1);
  return std::make_shared<const ShardReader>(folder, manifest, 0);
}

using PieceKey = std::tuple<uint32_t, uint32_t, int64_t, int64_t>;  // sample, number, begin, end

std::vector<PieceKey> sorted_pieces(const GroupPlan& plan) {
  std::vector<PieceKey> pieces;
  for (const auto& piece : plan.pieces)
    pieces.emplace_back(piece.sample, piece.number, piece.text.begin, piece.text.end);
  std::sort(pieces.begin(), pieces.end());
  return pieces;
}

}  // namespace

TEST_CASE("plan: the pieces of a sample are all of it, in order, each in one row", "[data][plan]") {
  const TempFolder temporary;
  const auto shard = group_of(temporary);
  const auto plan = plan_group(shard, rules_for({}), 0, std::nullopt);
  std::map<uint32_t, int64_t> end;
  for (const auto& [sample, number, from, to] : sorted_pieces(plan)) {
    CHECK(from == end[sample]);
    CHECK(number == (from == 0 ? 0 : from / kRoom));
    end[sample] = to;
  }
  std::set<uint32_t> refused;
  for (const auto& [sample, finding] : plan.refused) refused.insert(sample);
  for (uint32_t sample = 0; sample < shard->size(); ++sample) {
    CAPTURE(shard->document_id(sample));
    const auto rest = shard->num_tokens(sample) - end[sample];
    CHECK((refused.contains(sample) ? end[sample] == 0 : rest == 0 || rest == 1));
  }
  std::multiset<uint32_t> in_rows;
  for (int64_t row = 0; row < plan.rows.num_rows(); ++row) {
    int64_t tokens = 0;
    for (const auto item : plan.rows.row(row)) {
      in_rows.insert(item);
      tokens += plan.pieces[item].text.length;
    }
    CHECK(tokens <= kRoom);
  }
  REQUIRE(in_rows.size() == plan.pieces.size());
  CHECK(std::set<uint32_t>(in_rows.begin(), in_rows.end()).size() == in_rows.size());
}

TEST_CASE("plan: a sample that may not be cut has the length of its media, or is refused",
          "[data][plan]") {
  const TempFolder temporary;
  const auto shard = group_of(temporary);
  const auto plan = plan_group(shard, rules_for({}), 0, std::nullopt);
  std::map<std::string, int64_t> lengths;
  for (const auto& piece : plan.pieces) {
    const std::string id(shard->document_id(piece.sample));
    if (id.starts_with("wide")) lengths[id] = piece.text.length;
  }
  CHECK(lengths == std::map<std::string, int64_t>{{"wide1", 5}, {"wide40", 44}});
  std::map<std::string, std::string> refused;
  for (const auto& [sample, finding] : plan.refused) {
    refused.emplace(shard->document_id(sample), finding);
  }
  CHECK(refused ==
        std::map<std::string, std::string>{{"wide100", "104 tokens"}, {"wide1000", "1004 tokens"}});
}

TEST_CASE("plan: a shuffle moves pieces and changes neither them nor the number of rows",
          "[data][plan]") {
  const TempFolder temporary;
  const auto shard = group_of(temporary);
  for (const bool denoised : {false, true}) {
    const auto rules =
        rules_for(denoised ? ObjectiveConfig{.causal = 1, .prefix_lm = 1, .regular_spans = 1}
                           : ObjectiveConfig{});
    const auto plain = plan_group(shard, rules, 2, std::nullopt);
    const auto first = plan_group(shard, rules, 2, 7);
    const auto second = plan_group(shard, rules, 2, 8);
    CHECK((sorted_pieces(first) == sorted_pieces(plain)));
    CHECK(first.rows.num_rows() == plain.rows.num_rows());
    CHECK(second.rows.num_rows() == plain.rows.num_rows());
    const auto order = [](const GroupPlan& plan) {
      std::vector<PieceKey> pieces;
      for (const auto& piece : plan.pieces)
        pieces.emplace_back(piece.sample, piece.number, piece.text.begin, piece.text.end);
      return pieces;
    };
    CHECK((order(first) != order(second)));
    CHECK((order(first) == order(plan_group(shard, rules, 2, 7))));
  }
}

TEST_CASE("plan: documents of large clusters stand in an epoch as often as they are to",
          "[data][plan]") {
  const TempFolder temporary;
  const auto folder = temporary.path() / "shards";
  ShardWriter writer(folder, {.tokenizer = byte_tokenizer()->fingerprint()});
  const std::vector<uint32_t> alike = {1, 2, 3, 4, 5, 99, 100, 5000};
  for (size_t n = 0; n < alike.size(); ++n) {
    auto sample = testing::text_sample(fmt::format("doc{}", n), std::string(100, 'x'));
    sample.origin.alike = alike[n];
    writer.add(sample);
  }
  const auto manifest = writer.finish();
  const auto shard = std::make_shared<const ShardReader>(folder, manifest, 0);
  const Table<int64_t> from = {{"1", 1}, {"2", 2}, {"3", 3}, {"5", 5}, {"100", 8}, {"1000", 1}};
  REQUIRE(is_cluster_repeats(from));
  auto rules = rules_for({});
  const auto once = plan_group(shard, rules, 0, std::nullopt);
  rules.repeats = ClusterRepeats(from);
  const auto plan = plan_group(shard, rules, 0, 7);
  std::map<uint32_t, std::set<uint32_t>> copies;
  std::set<uint64_t> seeds;
  for (const auto& piece : plan.pieces) {
    copies[piece.sample].insert(piece.copy);
    seeds.insert(mix64(copy_id(shard->id(piece.sample), piece.copy), piece.number));
  }
  const std::vector<size_t> expected = {1, 2, 3, 3, 5, 5, 8, 1};
  for (uint32_t n = 0; n < alike.size(); ++n) CHECK(copies[n].size() == expected[n]);
  CHECK(once.pieces.size() == 2 * alike.size());
  CHECK(plan.pieces.size() == 2 * 28);
  // All have the same text, and their ids are the same: copies draw otherwise, the first as before.
  CHECK(seeds.size() == 2 * 8);
  CHECK(copy_id(5, 0) == 5);
  CHECK(plan_group(shard, rules, 3, std::nullopt).rows.num_rows() == plan.rows.num_rows());
}

TEST_CASE("plan: cluster_repeats must ascend from 1 and repeat at least once", "[data][plan]") {
  using Repeats = Table<int64_t>;
  CHECK(is_cluster_repeats({}));
  CHECK_FALSE(is_cluster_repeats(Repeats{{"0", 1}}));
  CHECK_FALSE(is_cluster_repeats(Repeats{{"2", 1}, {"2", 1}}));
  CHECK_FALSE(is_cluster_repeats(Repeats{{"5", 1}, {"2", 1}}));
  CHECK_FALSE(is_cluster_repeats(Repeats{{"2", 0}}));
  CHECK_FALSE(is_cluster_repeats(Repeats{{"2x", 1}}));
  CHECK(ClusterRepeats().times(1000) == 1);
  CHECK(ClusterRepeats().id().empty());
}

}  // namespace reka::data
