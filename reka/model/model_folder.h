#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "reka/model/model.h"

namespace reka {

/// A tensor as it is stored: mapped parts that follow each other along the rows.
struct StoredTensor {
  std::vector<at::Tensor> parts;

  std::vector<int64_t> shape() const;
  /// Rows [begin, begin + count); a view where one part holds them.
  at::Tensor rows(int64_t begin, int64_t count) const;
};

/// Every tensor of the safetensors files in `folder` whose names begin with `prefix`, mapped.
/// Throws CheckpointError: there are none, or a name stands in two files.
std::map<std::string, at::Tensor> read_tensors(const std::filesystem::path& folder,
                                               std::string_view prefix);

/// A MODEL of the command line: a run (its newest whole checkpoint), a checkpoint, or a folder of
/// the Llama layout, exported (encoders and fusion in its folder `reka`) or imported.
struct ModelFolder {
  std::filesystem::path path;  // the folder that holds the weights
  ModelConfig config;
  std::filesystem::path tokenizer;              // tokenizer.model, or where it should be
  std::map<std::string, StoredTensor> tensors;  // by our names
  std::string origin;                           // for reports: "runs/a, step 300"

  /// Rows of the embedding, padding included.
  int64_t vocab_size() const;
};

/// Opens without reading the weights, but for the hashes of a checkpoint and of an export. Throws
/// CheckpointError: absent, none of the kinds above, damaged, or at odds with itself.
ModelFolder open_model(const std::filesystem::path& path);

/// The model with its weights. Throws CheckpointError naming every tensor that is missing, too many
/// or of another shape.
Model load_model(const ModelFolder& folder, const at::Device& device,
                 at::ScalarType precision = at::kFloat);

/// Overwrites the parameters of `module`, whatever their precision; the same errors, with `place`.
void load_tensors(torch::nn::Module& module, const std::map<std::string, StoredTensor>& tensors,
                  const std::string& place);

}  // namespace reka
