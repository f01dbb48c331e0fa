#include "data/bench/scale.h"

#include <vector>

#include "data/bench/clock.h"
#include "data/corpus/lsh.h"
#include "data/corpus/minhash.h"
#include "reka/base/progress.h"
#include "reka/base/random.h"

namespace reka::data::bench {
namespace {

constexpr int64_t kBatch = 1024;  // documents between two looks at the clock

// The signature of document n: of its own, or of one in ten that of an earlier document in which
// each hash is another's with the probability of one minus their similarity, 0.5 to 1.
void make_signature(uint64_t n, std::span<uint32_t> signature) {
  const bool is_copy = n % 10 == 9;
  const auto original = is_copy ? uniform_below(mix64(n), n) / 10 * 10 : n;
  const auto similarity = 0.5 + 0.5 * uniform(mix64(n, 1));
  for (size_t i = 0; i < signature.size(); ++i) {
    const bool is_own = is_copy && uniform(mix64(n, 2, i)) >= similarity;
    signature[i] = static_cast<uint32_t>(mix64(is_own ? n : original, 3, i));
  }
}

template <typename Number>
ScaleResult measure(int64_t documents, const NearDuplicateConfig& config, const Workspace& space) {
  const MinHasher hasher(static_cast<size_t>(config.bands), static_cast<size_t>(config.rows),
                         static_cast<uint64_t>(config.seed));
  ScaleResult result{.documents = documents};
  LshClusters<Number> clusters(static_cast<size_t>(documents), hasher.bands(), space.memory_bytes,
                               space.folder);
  std::vector<uint32_t> signatures(kBatch * hasher.signature_size());
  std::vector<uint64_t> bands(hasher.bands());
  Progress progress("hashing", documents, "documents");
  for (int64_t begin = 0; begin < documents; begin += kBatch) {
    const auto count = static_cast<size_t>(std::min(kBatch, documents - begin));
    const auto signature_of = [&](size_t n) {
      return std::span(signatures).subspan(n * hasher.signature_size(), hasher.signature_size());
    };
    const auto start = wall_seconds();
    for (size_t n = 0; n < count; ++n) {
      make_signature(static_cast<uint64_t>(begin) + n, signature_of(n));
    }
    const auto made = wall_seconds();
    for (size_t n = 0; n < count; ++n) {
      hasher.hash_bands(signature_of(n), bands);
      clusters.add(static_cast<Number>(static_cast<size_t>(begin) + n), bands);
    }
    result.generate_seconds += made - start;
    result.write_seconds += wall_seconds() - made;
    progress.advance(static_cast<int64_t>(count));
  }
  progress.finish();
  const auto start = wall_seconds();
  clusters.join();
  result.join_seconds = wall_seconds() - start;
  for (Number n = 0; n < static_cast<Number>(documents); ++n) {
    if (!clusters.sets().is_first(n)) {
      ++result.dropped;
    } else if (clusters.sets().count(n) > 1) {
      ++result.clusters;
    }
  }
  result.disk_bytes = static_cast<int64_t>(clusters.groups().disk_bytes());
  result.passes = static_cast<int64_t>(clusters.groups().plan().passes);
  result.peak_memory_bytes = peak_memory();
  return result;
}

}  // namespace

Json ScaleResult::json() const {
  return {{"documents", documents},
          {"clusters", clusters},
          {"dropped", dropped},
          {"generate_seconds", generate_seconds},
          {"write_seconds", write_seconds},
          {"join_seconds", join_seconds},
          {"disk_bytes", disk_bytes},
          {"passes", passes},
          {"peak_memory_bytes", peak_memory_bytes}};
}

ScaleResult measure_scale(int64_t documents, const NearDuplicateConfig& config,
                          const Workspace& space) {
  return documents < kMostNumbersOf32Bits ? measure<uint32_t>(documents, config, space)
                                          : measure<uint64_t>(documents, config, space);
}

Json ScalePlan::json() const {
  return {{"documents", documents},
          {"disk_bytes", disk_bytes},
          {"passes", passes},
          {"memory_bytes", memory_bytes},
          {"hours", hours}};
}

ScalePlan plan_scale(int64_t documents, const NearDuplicateConfig& config, const Workspace& space,
                     const ScaleResult& measured) {
  const bool is_small = documents < kMostNumbersOf32Bits;
  const auto record = is_small ? sizeof(HashedNumber<uint32_t>) : sizeof(HashedNumber<uint64_t>);
  const auto number = is_small ? sizeof(uint32_t) : sizeof(uint64_t);
  const auto grouping =
      plan_grouping(static_cast<uint64_t>(documents * config.bands), record, space.memory_bytes);
  const auto per_document =
      (measured.write_seconds + measured.join_seconds) / static_cast<double>(measured.documents);
  const auto more_passes = static_cast<double>(std::max<uint64_t>(grouping.passes, 1)) /
                           static_cast<double>(std::max<int64_t>(measured.passes, 1));
  return {.documents = documents,
          .disk_bytes = static_cast<int64_t>(grouping.passes == 0 ? 0 : grouping.bytes),
          .passes = static_cast<int64_t>(grouping.passes),
          .memory_bytes =
              static_cast<int64_t>(space.memory_bytes) + documents * static_cast<int64_t>(number),
          .hours = per_document * more_passes * static_cast<double>(documents) / 3600};
}

}  // namespace reka::data::bench
