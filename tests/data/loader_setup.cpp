#include "tests/data/loader_setup.h"

#include <memory>

#include "data/shards/writer.h"
#include "reka/base/error.h"
#include "tests/support/testing.h"

namespace reka::testing {
namespace {

void write_corpus(const std::filesystem::path& folder) {
  data::ShardWriter writer(folder,
                           {.tokenizer = byte_tokenizer()->fingerprint(), .shard_bytes = 6000});
  int number = 0;
  for (auto sample : text_samples(400, 250, 11)) {
    sample.split = number % 20 == 7 ? data::Split::kDev : data::Split::kTrain;
    sample.language = number++ % 3 == 0 ? "de" : "en";
    writer.add(sample);
  }
  for (int i = 0; i < 40; ++i)
    writer.add(media_sample(fmt::format("picture{}", i), Modality::kImage, {8, 8, 0, 0},
                            std::string(static_cast<size_t>(i), 'x')));
  writer.finish();
}

}  // namespace

data::MediaRules test_rules() {
  return {"four",
          [](Modality, const Geometry&) {
            return MediaLayout{.runs = 1, .tokens_per_run = 4, .times = {}};
          },
          [](const data::SampleMedia& item) {
            const std::string text(reinterpret_cast<const char*>(item.bytes.data()),
                                   item.bytes.size());
            if (text.find("broken") != std::string::npos) throw DataError("no picture in {}", text);
            return MediaInput{.modality = item.modality, .values = at::zeros({1})};
          }};
}

LoaderSetup::LoaderSetup() {
  write_corpus(folder);
}

data::Loader LoaderSetup::loader(const data::LoaderRank& rank) const {
  return {config, sources, byte_tokenizer(), test_rules(), rank};
}

std::vector<Row> rows_of(const Batch& batch) {
  const auto* tokens = batch.input.tokens.const_data_ptr<int64_t>();
  const auto* weights = batch.target_weight.const_data_ptr<float>();
  std::vector<Row> rows;
  for (int64_t begin = 0; begin < batch.input.sequence.tokens(); begin += kRow) {
    Row row;
    for (auto i = begin; i < begin + kRow; ++i)
      row += fmt::format("{}{} ", tokens[i], weights[i] > 0 ? "!" : "");
    rows.push_back(row);
  }
  return rows;
}

std::vector<Row> global_rows(const LoaderSetup& setup, int64_t world, size_t count,
                             const data::LoaderState* from) {
  std::vector<std::unique_ptr<data::Loader>> ranks;
  for (int64_t rank = 0; rank < world; ++rank) {
    ranks.push_back(std::make_unique<data::Loader>(setup.config, setup.sources, byte_tokenizer(),
                                                   test_rules(), data::LoaderRank{rank, world}));
    if (from != nullptr) REQUIRE(ranks.back()->restore(*from));
  }
  std::vector<Row> rows;
  while (rows.size() < count) {
    std::vector<std::vector<Row>> parts;
    for (auto& rank : ranks) parts.push_back(rows_of(rank->next()));
    for (size_t i = 0; i < parts[0].size(); ++i)
      for (const auto& part : parts) rows.push_back(part[i]);
  }
  rows.resize(count);
  return rows;
}

std::multiset<uint64_t> ids_of(const Batch& batch) {
  std::multiset<uint64_t> ids;
  for (const auto& document : batch.documents)
    if (document.sample_id != 0) ids.insert(document.sample_id);
  return ids;
}

}  // namespace reka::testing
