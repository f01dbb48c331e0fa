#include "reka/generate/generate.h"

#include <algorithm>

#include <ATen/core/grad_mode.h>

namespace reka {
namespace {

/// A document of one token behind `length` others.
Input single_token(int64_t id, int64_t length, const at::Device& device) {
  const auto integers = at::TensorOptions(at::kLong).device(device);
  Input input;
  input.tokens = at::full({1}, id, integers);
  input.sequence = {
      .positions = at::full({1}, length, integers), .starts = {0, 1}, .prefix_lengths = {0}};
  return input;
}

}  // namespace

int64_t room_behind(const Model& model, const Input& prompt) {
  return std::max<int64_t>(0, model->config().decoder.context - prompt.sequence.tokens());
}

std::vector<int64_t> generate(Model model, const Input& prompt, const GenerateOptions& options,
                              const TokenSink& sink) {
  TORCH_CHECK(prompt.sequence.documents() == 1 && prompt.sequence.tokens() > 0,
              "generate: the prompt has ", prompt.sequence.documents(), " documents and ",
              prompt.sequence.tokens(), " tokens");
  const at::NoGradGuard no_grad;
  auto length = prompt.sequence.tokens();
  const auto most = std::min(options.max_tokens, room_behind(model, prompt));
  auto memory = model->make_memory(length + most);
  auto hidden = model->forward(prompt.to(model->device()), &memory);
  Sampler sampler(options.sampling);
  std::vector<int64_t> written;
  while (static_cast<int64_t>(written.size()) < most) {
    const auto logits = model->logits(hidden.narrow(0, hidden.size(0) - 1, 1));  // [1, vocab]
    const auto id = sampler.draw(logits[0], options.vocab);
    const auto& stops = options.stop_ids;
    if (std::find(stops.begin(), stops.end(), id) != stops.end()) break;
    written.push_back(id);
    if (sink && !sink(id)) break;
    hidden = model->forward(single_token(id, length, model->device()), &memory);
    ++length;
  }
  return written;
}

}  // namespace reka
