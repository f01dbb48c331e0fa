#include "train/trace.h"

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/log.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/options.h"

namespace reka::commands {
namespace {

struct TraceOptions {
  std::string run;
  int64_t step = 0;
  std::string document;
  bool check = false;
  bool json = false;
};

void print(const std::vector<train::TracedDocument>& documents, bool json) {
  for (const auto& document : documents) {
    if (json) {
      fmt::print("{}\n", dump_json(document.to_json()));
      continue;
    }
    fmt::print("step {} row {} at {}: {}/{} [{}] {} tokens", document.step, document.row,
               document.begin, document.source, document.document, document.language,
               document.tokens);
    if (document.piece > 0) fmt::print(", piece {}", document.piece + 1);
    if (!document.stands_in.empty()) fmt::print(", in the place of {}", document.stands_in);
    if (document.origin.alike > 1) fmt::print(", kept of {} that are alike", document.origin.alike);
    if (document.rules && !document.rules->empty())
      fmt::print(", passed {} rules", document.rules->size());
    if (!document.masked.empty()) fmt::print(", masked: {}", document.masked);
    fmt::print("\n");
  }
}

void check(train::Trace& trace, const std::string& run) {
  const auto& newest = trace.newest();
  const auto hash = trace.order_hash();
  if (hash != newest.order_hash) {
    throw DataError(
        "{}: step {}: its samples have the order hash {}: expected {}, the checkpoint's", run,
        newest.step, hex(hash), hex(newest.order_hash));
  }
  fmt::print("{}: the samples of {} steps are those of the checkpoint: order hash {}\n", run,
             newest.step, hex(hash));
}

void trace(const TraceOptions& options) {
  const int asked = (options.step > 0) + !options.document.empty() + options.check;
  if (asked != 1) throw ConfigError("data trace: must have one of --step, --document and --check");
  train::Trace trace(options.run);
  if (options.check) return check(trace, options.run);
  const auto found = options.step > 0 ? trace.step(options.step) : trace.uses(options.document);
  if (found.empty()) info("{}: in none of the {} steps", options.document, trace.newest().step);
  print(found, options.json);
}

}  // namespace

void add_trace(CLI::App& data) {
  auto* command = data.add_subcommand(
      "trace", "which documents a step of a run trained on, or which steps a document was in");
  const auto options = std::make_shared<TraceOptions>();
  command->add_option("RUN", options->run, "folder of a training run")->required();
  command->add_option("--step", options->step, "name the documents in this step")
      ->check(at_least(1));
  command->add_option("--document", options->document,
                      "name the steps that used this document (ID or SOURCE/ID)");
  command->add_flag("--check", options->check,
                    "compare all steps with the order hash of the newest checkpoint");
  command->add_flag("--json", options->json, "a JSON object for each document");
  command->callback([options] { trace(*options); });
}

}  // namespace reka::commands
