#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "reka/base/config.h"
#include "reka/encoders/audio.h"
#include "reka/encoders/video.h"
#include "reka/encoders/vit.h"
#include "reka/fusion/fusion.h"
#include "reka/model/decoder.h"
#include "reka/model/input.h"
#include "reka/model/media_input.h"

namespace reka {

using ImageEncoderConfig = OneOf<VitConfig>;
using AudioEncoderConfig = OneOf<WhisperConfig>;

/// A model: the decoder, and for each medium that it takes an encoder. A medium without a section
/// is refused.
struct ModelConfig {
  DecoderConfig decoder;
  std::optional<ImageEncoderConfig> image;
  std::optional<VideoConfig> video;
  std::optional<AudioEncoderConfig> audio;
  FusionConfig fusion;
  MediaInputConfig input;

  void describe(auto& field) {
    field("decoder", decoder, "the transformer that reads and writes text");
    field("image", image, "encoder of pictures; absent: the model takes none");
    field("video", video, "frames through the image encoder; absent: the model takes none");
    field("audio", audio, "encoder of sound; absent: the model takes none");
    field("fusion", fusion, "how features of media reach the decoder");
    field("input", input, "how media become tensors");
    field.rule("video", !video || image, "must stand with model.image, which encodes its frames");
    field.rule(
        "image", [this] { return !image || input.image.tile_size % patch() == 0; },
        "must have a patch that divides model.input.image.tile_size");
    field.rule(
        "fusion", [this] { return gated_layers_fit(); },
        "must have layers below model.decoder.num_layers, each once");
  }

  int64_t patch() const;  // of the image encoder
  bool gated_layers_fit() const;
  bool takes(Modality modality) const;
};

/// What a sequence remembers from pass to pass.
struct Memory {
  KvCache cache;
  MediaMemory media;
};

/// Media and text in, hidden states out. Parameters: decoder.* (see Decoder), image.*, video.*,
/// audio.* (the encoders) and fusion.*.
class ModelImpl : public torch::nn::Module {
 public:
  ModelImpl(const ModelConfig& config, int64_t vocab_size);

  /// -> hidden [tokens, dim], normalised for the head. An encoder runs only where the input has
  /// media for it. With a memory the input is one document that continues what the memory has seen,
  /// with positions from its length. Media that the model does not take are a ConfigError.
  at::Tensor forward(const Input& input, Memory* memory = nullptr);

  at::Tensor logits(const at::Tensor& hidden) { return decoder_->logits(hidden); }
  const at::Tensor& head_weight() const { return decoder_->head_weight(); }
  Memory make_memory(int64_t capacity) const;

  const ModelConfig& config() const { return config_; }
  int64_t vocab_size() const { return decoder_->vocab_size(); }  // padded
  at::Device device() const { return head_weight().device(); }
  at::ScalarType precision() const { return head_weight().scalar_type(); }

 private:
  PassMedia encode(const std::vector<MediaInput>& media);
  EncodedMedia encode_vision(const std::vector<MediaInput>& media);
  Features with_frames(const Features& encoded, int64_t tiles, const std::vector<int64_t>& clips);
  EncodedMedia encode_audio(const std::vector<MediaInput>& media);

  ModelConfig config_;
  TokenCounts counts_;
  Decoder decoder_{nullptr};
  Vit image_{nullptr};
  Video video_{nullptr};
  Whisper audio_{nullptr};
  std::shared_ptr<Fusion> fusion_;
};
TORCH_MODULE(Model);

/// Parameters of each part, in the order of the data: "image", "audio", "fusion", "decoder", ...
std::vector<std::pair<std::string, int64_t>> parameters_by_part(const torch::nn::Module& model);

}  // namespace reka
