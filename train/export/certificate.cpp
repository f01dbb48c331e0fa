#include "train/export/certificate.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <ATen/ATen.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/random.h"
#include "train/export/plain_llama.h"

namespace reka::train {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kProbeTokens = 96;
constexpr uint64_t kProbeSeed = 1;

// Many scripts, markup, runs of spaces and tabs, code, emoji, specials as plain text.
constexpr std::array kProbeTexts = {"The keyboard has 104 keys, e.g. \"Ctrl\".",
                                    "Größe: 3,5 °C – für Übermut",
                                    "日本語のテキスト。",
                                    "한국어 문장입니다",
                                    "Привет, мир! Ёлка",
                                    "שלום עולם  مرحبا بالعالم",
                                    "ภาษาไทย हिन्दी தமிழ்",
                                    "<b>bold</b> &amp; <sep> <|endoftext|> <image>",
                                    "  two   three\t\ttabs\n\n  lines  ",
                                    "for (int i = 0; i < 10; ++i) { x[i] *= 2; }",
                                    "👩🏽‍💻🏳️‍🌈🎉 1234567890 3.14159",
                                    " ",
                                    ""};

std::vector<int64_t> probe_tokens(const data::Tokenizer& tokenizer) {
  std::vector<int64_t> tokens;
  for (const auto* text : kProbeTexts) {
    for (const auto id : tokenizer.encode(text)) {
      if (tokens.size() < kProbeTokens / 2) tokens.push_back(id);
    }
  }
  const auto vocab = static_cast<uint64_t>(tokenizer.vocab_size());
  for (uint64_t i = 0; tokens.size() < kProbeTokens; ++i) {
    tokens.push_back(static_cast<int64_t>(uniform_below(mix64(kProbeSeed, i), vocab)));
  }
  return tokens;
}

Input text_input(const std::vector<int64_t>& tokens) {
  const auto count = static_cast<int64_t>(tokens.size());
  return {
      .tokens = at::tensor(tokens, at::kLong),
      .sequence = {
          .positions = at::arange(count, at::kLong), .starts = {0, count}, .prefix_lengths = {0}}};
}

// The source computes in fp32 with its weights rounded as in the export.
Model rounded(const ModelFolder& source, at::ScalarType precision) {
  auto model = load_model(source, at::kCPU);
  for (auto& parameter : model->parameters()) {
    const at::NoGradGuard no_grad;
    parameter.copy_(parameter.to(precision));
  }
  return model;
}

double difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

void expect_close(double found, const fs::path& folder, const char* what) {
  if (found <= kLogitTolerance) return;
  if (std::isnan(found)) {
    throw CheckpointError("{}: logits of {} are not finite: the weights are damaged or diverged",
                          folder.string(), what);
  }
  throw CheckpointError("{}: logits of {} differ from the source by {}: must be at most {}",
                        folder.string(), what, found, kLogitTolerance);
}

int64_t compare_media(Model& source, Model& exported, const fs::path& folder) {
  int64_t equal = 0;
  const auto theirs = exported->named_parameters();
  for (const auto& item : source->named_parameters()) {
    if (item.key().starts_with("decoder.")) continue;
    if (!at::equal(item.value(), theirs[item.key()])) {
      throw CheckpointError("{}: {} differs from the source", folder.string(), item.key());
    }
    ++equal;
  }
  return equal;
}

int64_t compare_tokens(const data::Tokenizer& source, const fs::path& folder) {
  const auto exported = data::Tokenizer::load(folder / "tokenizer.model");
  for (const auto* text : kProbeTexts) {
    if (source.encode(text) != exported->encode(text)) {
      throw CheckpointError("{}: tokens of \"{}\" differ from the source", folder.string(), text);
    }
  }
  return kProbeTexts.size();
}

}  // namespace

Json Certificate::to_json() const {
  return {{"max_logit_difference", max_logit_difference},
          {"reload_logit_difference", reload_logit_difference},
          {"tolerance", kLogitTolerance},
          {"logits_compared", logits_compared},
          {"media_tensors_equal", media_tensors_equal},
          {"texts_tokenized_equal", texts_tokenized_equal},
          {"stop_ids", stop_ids},
          {"chat_template_xxh3", chat_template_hash}};
}

Certificate verify_export(const ModelFolder& source, const data::Tokenizer& tokenizer,
                          const fs::path& exported, const ExportOptions& options) {
  const at::NoGradGuard no_grad;
  const auto tokens = probe_tokens(tokenizer);
  const auto logits_of = [&](Model& model) {
    return model->logits(model->forward(text_input(tokens)));
  };
  auto model = rounded(source, options.precision);
  auto again = load_model(open_model(exported), at::kCPU);
  const auto wanted = logits_of(model);
  Certificate certificate;
  certificate.max_logit_difference = difference(plain_llama_logits(exported, tokens), wanted);
  certificate.reload_logit_difference = difference(logits_of(again), wanted);
  certificate.logits_compared = wanted.numel();
  expect_close(certificate.max_logit_difference, exported, "the plain formulas");
  expect_close(certificate.reload_logit_difference, exported, "the reloaded model");
  certificate.media_tensors_equal = compare_media(model, again, exported);
  certificate.texts_tokenized_equal = compare_tokens(tokenizer, exported);
  const auto place = (exported / "generation_config.json").string();
  certificate.stop_ids =
      json_value<std::vector<int64_t>>(parse_json(read_file(place), place), "eos_token_id", place);
  certificate.chat_template_hash = hex(xxh3_64(read_file(exported / "chat_template.jinja")));
  write_file_atomic(exported / kCertificate, dump_json(certificate.to_json(), 2) + "\n");
  return certificate;
}

}  // namespace reka::train
