#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "data/batch/loader.h"
#include "reka/base/json.h"
#include "reka/parallel/group.h"
#include "train/config.h"
#include "train/curriculum.h"
#include "train/subject.h"

namespace reka::train {

/// A source as the run draws from it.
struct SourceUse {
  std::string name;
  std::string licence;
  std::vector<int64_t> weights;        // of the rows, in each stage
  std::array<int64_t, 3> documents{};  // in train, dev, test
  int64_t tokens = 0;                  // in train, one for each media item
};

/// What the report says of a run besides its log: `about.json` in the run's folder.
struct About {
  static constexpr std::string_view kFileName = "about.json";

  std::string name;
  int64_t last_step = 0;
  int64_t page_step = 0;                                    // that report.html tells of
  int64_t samples_step = 0;                                 // after which its samples were made
  std::vector<std::pair<std::string, int64_t>> parameters;  // by part
  std::vector<std::pair<std::string, std::string>> environment;  // what it ran on
  std::vector<std::string> stages;
  std::vector<SourceUse> sources;
  int64_t rows_per_epoch = 0;
  int64_t num_refused = 0;                                       // in the stage that refused most
  std::vector<std::pair<std::string, std::string>> refused;      // document, why: the first ones
  std::vector<std::pair<std::string, std::string>> quarantined;  // document, why
  std::vector<std::pair<std::string, std::string>> masked;       // document, why

  /// Adds what a loader left out to what was known before.
  void take(const data::LoaderReport& report);
  /// Keeps what earlier parts of the run, whose page this was, left out.
  void take(const About& earlier);
  Json to_json() const;
  /// Of a run's folder; empty where there is none that can be read.
  static About load(const std::filesystem::path& folder);
  /// Throws DataError naming `place` and the key.
  static About from_json(Json json, const std::string& place);
};

/// The report with what any rank has quarantined or masked; called on all of them.
data::LoaderReport gathered(Group& group, data::LoaderReport report);

/// The first line of a run, and a warning where its schedule does not fit.
void tell_start(const RunConfig& config, const std::vector<Stage>& stages, const Subject& subject,
                int64_t world_size);

/// Describes the model, the machine and the data of a run over `world_size` processes.
About describe_run(const RunConfig& config, const std::vector<Stage>& stages,
                   const Subject& subject, int64_t world_size);

}  // namespace reka::train
