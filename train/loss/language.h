#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "reka/base/media.h"
#include "reka/model/input.h"

namespace reka::train {

/// Loss over the target tokens of some documents. Sums add up over micro-batches and ranks before
/// they are divided, so that neither accumulation, packing nor the number of ranks changes a mean.
struct LossSum {
  double nats = 0;       // sum of target_weight * -log p
  double weight = 0;     // sum of target_weight
  double bytes = 0;      // UTF-8 bytes that the targets predict, of documents that know them
  double byte_nats = 0;  // the nats of those documents

  double mean() const;           // NaN without targets
  double bits_per_byte() const;  // 0 where no document knows its bytes
};

/// Loss sums of a step: over all, by modality, by language.
class LossTable {
 public:
  explicit LossTable(size_t num_languages);

  /// `losses` [tokens] fp32 in nats, on any device, as ops::CrossEntropy gives them; `batch` is on
  /// the host. Losses on a GPU are fetched only when the sums are asked for.
  void add(const Batch& batch, const at::Tensor& losses);

  /// [groups, 4] fp64 on the CPU: all, the modalities, the languages, documents of no known
  /// language; columns as in LossSum. May be summed over ranks in place.
  at::Tensor sums();

  LossSum all() { return row(0); }
  LossSum modality(Modality modality) { return row(1 + static_cast<int64_t>(modality)); }
  LossSum language(size_t index) { return row(kFirstLanguage + static_cast<int64_t>(index)); }

 private:
  static constexpr int64_t kColumns = 4;
  static constexpr int64_t kFirstLanguage = 1 + static_cast<int64_t>(kModalityNames.size());

  struct Pending {
    std::vector<int64_t> starts;
    std::vector<DocumentInfo> documents;
    at::Tensor weight;
    at::Tensor losses;
  };

  LossSum row(int64_t index);
  void settle();
  void add_document(const DocumentInfo& document, const LossSum& sum);

  int64_t num_languages_;
  at::Tensor sums_;
  std::vector<Pending> pending_;
};

}  // namespace reka::train
