#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "reka/base/error.h"
#include "reka/base/reference.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/configs.h"

namespace reka::commands {
namespace {

struct Options {
  std::string key;
  bool markdown = false;
  bool schema = false;
};

void explain(const Options& options) {
  const auto configs = all_configs();
  if (!options.markdown && !options.schema && options.key.empty())
    throw ConfigError("explain: no key: must be given KEY, --markdown or --schema");
  const auto text = options.markdown ? reference_markdown(configs)
                    : options.schema ? reference_schema(configs)
                                     : explain_key(configs, options.key);
  std::fputs(text.c_str(), stdout);
}

}  // namespace

void add_explain(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("explain", "what a configuration key means, its limits and default");
  command->add_option("KEY", options->key,
                      "in full, such as model.decoder.num_heads, or its last part");
  command->add_flag("--markdown", options->markdown, "all keys as a page: configs/README.md");
  command->add_flag("--schema", options->schema, "all keys for editors: configs/schema.json");
  command->callback([options] { explain(*options); });
}

}  // namespace reka::commands
