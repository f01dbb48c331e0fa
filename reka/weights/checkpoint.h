#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reka {

// A checkpoint is a folder `checkpoints/step-N` of a run:
//   model-*.safetensors      weights by name; what was trained is fp32
//   optimizer-*.safetensors  the moments, `first_moment.NAME` and `second_moment.NAME`
//   config.yaml              the resolved configuration
//   tokenizer.model
//   state.json               step, tokens, place in the data
//   manifest.json            hashes of all of it and of itself, written last

/// What a checkpoint is opened for: training reads all of it, the model alone no moments and no
/// state, so that damage there costs no weights; the tokenizer is one file.
enum class CheckpointUse { kTraining, kModel, kTokenizer };

/// XXH3-64 of everything in a checkpoint, or of the weights of an exported folder, as 16 hex
/// digits.
struct CheckpointManifest {
  static constexpr std::string_view kFileName = "manifest.json";

  struct Tensors {
    std::string header;                          // of the bytes before the tensors
    std::map<std::string, std::string> tensors;  // by name
  };

  int64_t step = 0;
  std::map<std::string, std::string> files;    // by path below the folder: all but safetensors
  std::map<std::string, Tensors> safetensors;  // by path below the folder

  /// Throws CheckpointError where there is none (the checkpoint was never finished), where its own
  /// hash differs, and where a folder step-N holds another step.
  static CheckpointManifest load(const std::filesystem::path& folder);
  void save(const std::filesystem::path& folder) const;

  /// Reads all that `use` needs. Throws CheckpointError naming the file and the tensor that differ.
  void verify(const std::filesystem::path& folder, CheckpointUse use) const;
};

struct CheckpointPlace {
  int64_t step = 0;
  std::filesystem::path path;
};

/// The folders step-N of `checkpoints`, the newest first; none where it does not exist.
std::vector<CheckpointPlace> list_checkpoints(const std::filesystem::path& checkpoints);

/// The newest checkpoint that is whole for that use, with a warning for each newer one that is not.
/// Nothing where there are none at all; throws CheckpointError where all are damaged.
std::optional<CheckpointPlace> last_good_checkpoint(const std::filesystem::path& checkpoints,
                                                    CheckpointUse use);

/// The newest checkpoint of a run that is whole for that use; `path` itself where it is no run.
/// Throws CheckpointError where the run has none.
std::filesystem::path newest_of_run(const std::filesystem::path& path, CheckpointUse use);

}  // namespace reka
