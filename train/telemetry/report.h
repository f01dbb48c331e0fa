#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reka/base/page.h"
#include "train/telemetry/about.h"
#include "train/telemetry/history.h"

namespace reka::train {

/// Held-out items with what the model says of them, and after which step it said so.
struct ShownSamples {
  int64_t step = 0;
  std::vector<Figure> figures;
};

/// The page of a run: curves, samples, held-out losses, data, speed and memory, configuration.
/// `config` is the text of config.yaml.
Page report_page(const About& about, const History& history, const std::string& config,
                 const ShownSamples& samples);

/// Keeps RUN/report.html and RUN/about.json of a training that goes on.
class Report {
 public:
  Report(std::filesystem::path folder, About about)
      : folder_(std::move(folder)), about_(std::move(about)), history_(folder_ / "log.jsonl") {}

  About& about() { return about_; }
  ShownSamples& samples() { return samples_; }

  /// Writes both, for the run after `step`, from what log.jsonl and config.yaml say by now, each
  /// atomically; about.json, which tells of the page, comes last. Throws DataError.
  void write(int64_t step);

 private:
  std::filesystem::path folder_;
  About about_;
  History history_;
  ShownSamples samples_;
};

/// Writes report.html again from what is in a run's folder -> its path. Throws DataError where that
/// is no run.
std::filesystem::path rewrite_report(const std::filesystem::path& folder,
                                     const ShownSamples& samples);

}  // namespace reka::train
