#include "data/bench/filters.h"

#include <utility>

#include "data/bench/clock.h"

namespace reka::data::bench {

Json FiltersResult::json() const {
  return {{"documents", documents},
          {"text_bytes", text_bytes},
          {"seconds", seconds},
          {"documents_per_second", static_cast<double>(documents) / seconds},
          {"megabytes_per_second", static_cast<double>(text_bytes) / seconds / 1e6}};
}

FiltersResult measure_filters(const std::vector<std::string>& texts, const PrepareConfig& config,
                              int64_t repeats) {
  FiltersResult result{.documents = static_cast<int64_t>(texts.size())};
  for (const auto& text : texts) result.text_bytes += static_cast<int64_t>(text.size());
  const Preparer preparer(config);
  std::vector<double> seconds;
  for (int64_t repeat = 0; repeat < repeats; ++repeat) {
    std::vector<Document> documents(texts.size());
    for (size_t n = 0; n < texts.size(); ++n) documents[n].parts = {{.text = texts[n]}};
    const auto begin = processor_seconds();
    for (auto& document : documents) preparer.prepare(document, "");
    seconds.push_back(processor_seconds() - begin);
  }
  result.seconds = median(std::move(seconds));
  return result;
}

}  // namespace reka::data::bench
