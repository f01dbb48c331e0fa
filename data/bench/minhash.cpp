#include "data/bench/minhash.h"

#include <optional>

#include "data/bench/clock.h"
#include "data/corpus/lsh.h"
#include "data/corpus/minhash.h"
#include "data/corpus/shingles.h"

namespace reka::data::bench {
namespace {

using Clusters = LshClusters<uint32_t>;

void sign(const std::vector<std::string>& texts, const MinHasher& hasher, Shingler& shingler,
          Clusters& clusters) {
  std::vector<uint32_t> signature(hasher.signature_size());
  std::vector<uint64_t> bands(hasher.bands());
  for (size_t n = 0; n < texts.size(); ++n) {
    const auto shingles = shingler.shingles(texts[n]);
    if (shingles.empty()) continue;
    hasher.sign(shingles, signature);
    hasher.hash_bands(signature, bands);
    clusters.add(static_cast<uint32_t>(n), bands);
  }
}

}  // namespace

Json MinHashResult::json() const {
  const auto seconds = sign_seconds + cluster_seconds;
  int64_t dropped = 0;
  for (size_t n = 0; n < first_of.size(); ++n) dropped += first_of[n] == n ? 0 : 1;
  return {{"documents", documents},
          {"text_bytes", text_bytes},
          {"shingles", shingles},
          {"shingle_seconds", shingle_seconds},
          {"sign_seconds", sign_seconds},
          {"cluster_seconds", cluster_seconds},
          {"documents_per_second", static_cast<double>(documents) / seconds},
          {"megabytes_per_second", static_cast<double>(text_bytes) / seconds / 1e6},
          {"dropped", dropped}};
}

MinHashResult measure_minhash(const std::vector<std::string>& texts,
                              const NearDuplicateConfig& config, int64_t repeats,
                              const Workspace& space) {
  MinHashResult result{.documents = static_cast<int64_t>(texts.size())};
  for (const auto& text : texts) result.text_bytes += static_cast<int64_t>(text.size());
  const MinHasher hasher(static_cast<size_t>(config.bands), static_cast<size_t>(config.rows),
                         static_cast<uint64_t>(config.seed));
  Shingler shingler(config.unit(), static_cast<size_t>(config.ngram));
  std::vector<double> shingling;
  std::vector<double> signing;
  std::vector<double> clustering;
  shingler.shingles(texts.front());  // makes the table of characters, once for the program
  for (int64_t repeat = 0; repeat < repeats; ++repeat) {
    Clusters clusters(texts.size(), hasher.bands(), space.memory_bytes, space.folder);
    const auto start = processor_seconds();
    for (const auto& text : texts) result.shingles += std::ssize(shingler.shingles(text));
    const auto begin = processor_seconds();
    sign(texts, hasher, shingler, clusters);
    const auto middle = processor_seconds();
    clusters.join();
    const auto end = processor_seconds();
    shingling.push_back(begin - start);
    signing.push_back(middle - begin);
    clustering.push_back(end - middle);
    result.first_of.clear();
    for (uint32_t n = 0; n < texts.size(); ++n) {
      result.first_of.push_back(clusters.sets().first_of(n));
    }
  }
  result.shingles /= repeats;
  result.shingle_seconds = median(std::move(shingling));
  result.sign_seconds = median(std::move(signing));
  result.cluster_seconds = median(std::move(clustering));
  return result;
}

}  // namespace reka::data::bench
