#pragma once

namespace CLI {
class App;
}

namespace reka::commands {

// Each adds its verb to the program: options, help, and the callback that does the work.
void add_bench(CLI::App& app);
void add_bench_read(CLI::App& data);
void add_chat(CLI::App& app);
void add_data(CLI::App& app);
void add_signals(CLI::App& data);  // of `reka data`
void add_what_if(CLI::App& data);  // of `reka data`
void add_detokenize(CLI::App& app);
void add_eval(CLI::App& app);
void add_explain(CLI::App& app);
void add_export(CLI::App& app);
void add_generate(CLI::App& app);
void add_launch(CLI::App& app);
void add_report(CLI::App& app);
void add_score(CLI::App& app);
void add_tokenize(CLI::App& app);
void add_trace(CLI::App& data);
void add_train(CLI::App& app);

}  // namespace reka::commands
