#include "train/export/llama_files.h"

namespace reka::train {
namespace {

constexpr auto kEndOfText = "<|endoftext|>";
constexpr auto kEndOfTurn = "<sep>";
constexpr auto kUnknown = "<unk>";

// Texts that follow each other are joined by a space; a medium is what a shard holds of it. Control
// characters go as in data/corpus/normalize.h; CONTROLS stands for a list of them.
constexpr auto kChatTemplate = R"({%- macro plain(text) -%}
{%- set kept = namespace(text=text.replace('\r\n', '\n').replace('\r', '\n')) -%}
{%- for control in [CONTROLS] -%}
{%- set kept.text = kept.text.replace(control, '') -%}
{%- endfor -%}
{{ kept.text }}
{%- endmacro -%}
{%- macro content(message) -%}
{%- if message['content'] is string -%}
{{ plain(message['content']) }}
{%- elif message['content'] -%}
{%- set last = namespace(text=false) -%}
{%- for part in message['content'] -%}
{%- if part['type'] == 'text' -%}
{%- set said = plain(part['text'] | default('', true)) -%}
{%- if said -%}
{%- if last.text -%}{{ ' ' }}{%- endif -%}
{{ said }}
{%- set last.text = true -%}
{%- endif -%}
{%- else -%}
{%- set last.text = false -%}
{%- if 'image' in part['type'] -%}
{{ '<image><REKA_IMG_TOKEN></image>' }}
{%- elif 'video' in part['type'] -%}
{{ '<video><REKA_IMG_TOKEN></video>' }}
{%- elif 'audio' in part['type'] -%}
{{ '<audio><REKA_ADO_TOKEN></audio>' }}
{%- endif -%}
{%- endif -%}
{%- endfor -%}
{%- endif -%}
{%- endmacro -%}
{%- macro signatures() -%}
{{ '# Tools\n\nYou may call one or more functions.\n\n' }}
{{- 'Function signatures are in <tools></tools>:\n<tools>' }}
{%- for tool in tools -%}
{{ '\n' + plain(tool | tojson(separators=[',', ':'])) }}
{%- endfor -%}
{{ '\n</tools>\n\nReturn calls inside <tool_call></tool_call>:\n' }}
{{- '<tool_call>\n{"name": <fn>, "arguments": <json>}\n</tool_call>' }}
{%- endmacro -%}
{%- macro calls(message) -%}
{%- for call in message['tool_calls'] -%}
{%- set arguments = call['function']['arguments'] | default({}, true) -%}
{{ '<tool_call>\n{"name": ' + plain(call['function']['name'] | tojson) + ', "arguments": ' }}
{%- if arguments is string -%}{{ plain(arguments) }}
{%- else -%}{{ plain(arguments | tojson(separators=[',', ':'])) }}{%- endif -%}
{{ '}\n</tool_call>' }}
{%- endfor -%}
{%- endmacro -%}
{%- if tools and not (messages and messages[0]['role'] in ['system', 'developer']) -%}
{{ 'system: ' + signatures() + '\n\n<sep>' }}
{%- endif -%}
{%- for message in messages -%}
{%- set text = content(message) -%}
{%- if message['role'] in ['system', 'developer'] -%}
{{ 'system: ' + text }}
{%- if tools -%}{{ '\n\n' + signatures() }}{%- endif -%}
{{ '\n\n<sep>' }}
{%- elif message['role'] == 'assistant' -%}
{{ 'assistant: ' + text }}
{%- if message['tool_calls'] -%}
{%- if text -%}{{ '\n' }}{%- endif -%}
{{ calls(message) }}
{%- endif -%}
{{ '\n\n<sep>' }}
{%- elif message['role'] == 'tool' -%}
{%- if loop.first or messages[loop.index0 - 1]['role'] != 'tool' -%}{{ 'human: ' }}{%- endif -%}
{{ '<tool_response>\n' + text + '\n</tool_response>' }}
{%- if loop.last or messages[loop.index0 + 1]['role'] != 'tool' -%}{{ '<sep>' }}{%- endif -%}
{%- else -%}
{{ 'human: ' + text + '<sep>' }}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{ 'assistant:' }}
{%- endif -%}
)";

/// What normalize() drops of U+0000 to U+009F, quoted. NUL would end the template for programs that
/// hold it as a C string, and \r is a matter of its own.
std::string quoted_controls() {
  std::string list;
  for (unsigned char control = 1; control < 0xA0; ++control) {
    const bool stays = control == '\t' || control == '\n' || control == '\r';
    if (stays || (control >= 0x20 && control < 0x7F)) continue;
    if (!list.empty()) list += ", ";
    list += '\'';
    if (control >= 0x80) list += '\xC2';  // UTF-8
    list += static_cast<char>(control);
    list += '\'';
  }
  return list;
}

Json rope_parameters(const DecoderConfig& config) {
  if (config.rope_scaling == 1)
    return {{"rope_type", "default"}, {"rope_theta", config.rope_theta}};
  return {
      {"rope_type", "linear"}, {"factor", config.rope_scaling}, {"rope_theta", config.rope_theta}};
}

}  // namespace

Json llama_config(const DecoderConfig& config, const data::Tokenizer& tokenizer,
                  const std::string& dtype) {
  Json json = {{"architectures", {"LlamaForCausalLM"}},
               {"model_type", "llama"},
               {"vocab_size", config.padded_vocab(tokenizer.vocab_size())},
               {"hidden_size", config.dim},
               {"intermediate_size", config.hidden},
               {"num_hidden_layers", config.num_layers},
               {"num_attention_heads", config.num_heads},
               {"num_key_value_heads", config.num_kv_heads},
               {"head_dim", config.head_size()},
               {"hidden_act", "silu"},
               {"max_position_embeddings", config.context},
               {"rms_norm_eps", config.norm_eps},
               {"rope_theta", config.rope_theta},
               {"rope_parameters", rope_parameters(config)},
               {"attention_bias", false},
               {"mlp_bias", false},
               {"tie_word_embeddings", config.tied_head},
               {kOwnFolderKey, "reka"},
               {"torch_dtype", dtype},
               {"dtype", dtype},
               {"bos_token_id", nullptr},
               {"eos_token_id", tokenizer.end_of_text()},
               {"pad_token_id", tokenizer.end_of_text()}};
  if (config.rope_scaling != 1) {
    json["rope_scaling"] = {
        {"type", "linear"}, {"rope_type", "linear"}, {"factor", config.rope_scaling}};
  }
  return json;
}

Json llama_generation_config(const data::Tokenizer& tokenizer) {
  return {{"bos_token_id", nullptr},
          {"eos_token_id", {tokenizer.end_of_text(), tokenizer.special(kEndOfTurn)}},
          {"pad_token_id", tokenizer.end_of_text()},
          {"do_sample", false}};
}

Json llama_tokenizer_config(const data::Tokenizer& tokenizer, int64_t context) {
  Json added = Json::object();
  const auto add = [&](int32_t id, const std::string& content) {
    added[std::to_string(id)] = {{"content", content},  {"lstrip", false},      {"rstrip", false},
                                 {"normalized", false}, {"single_word", false}, {"special", true}};
  };
  add(0, kUnknown);
  for (const auto& symbol : data::special_symbols()) add(tokenizer.special(symbol), symbol);
  return {{"tokenizer_class", "LlamaTokenizer"},
          {"legacy", false},
          {"add_prefix_space", false},
          {"add_bos_token", false},
          {"add_eos_token", false},
          {"bos_token", nullptr},
          {"eos_token", kEndOfText},
          {"pad_token", kEndOfText},
          {"unk_token", kUnknown},
          {"clean_up_tokenization_spaces", false},
          {"model_max_length", context},
          {"added_tokens_decoder", std::move(added)},
          {"chat_template", chat_template()}};
}

Json llama_special_tokens() {
  return {{"eos_token", kEndOfText}, {"pad_token", kEndOfText}, {"unk_token", kUnknown}};
}

std::string chat_template() {
  constexpr std::string_view kPlace = "CONTROLS";
  std::string text = kChatTemplate;
  return text.replace(text.find(kPlace), kPlace.size(), quoted_controls());
}

}  // namespace reka::train
