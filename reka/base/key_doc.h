#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reka/base/value.h"

namespace reka {

/// What describe() says of one key, and of the keys below it.
struct KeyDoc {
  enum class Kind { kFlag, kInteger, kNumber, kText, kWord, kStruct, kOneOf, kTable, kList };

  Kind kind = Kind::kStruct;
  std::string path;  // "model.decoder.num_heads"; items of tables and lists are "<name>"
  std::string meaning;
  std::string type;     // in words: "integer", "bf16 | fp32", "list of text"
  std::string initial;  // the default as YAML; "" of a struct
  bool optional = false;
  bool required = false;            // the default breaks a limit
  std::vector<std::string> limits;  // their words
  std::vector<std::string> words;   // of a choice; of a OneOf its types, the default one first
  std::pair<std::string, std::string> range;  // of an integer narrower than 64 bits, or unsigned
  std::vector<KeyDoc> keys;  // of a struct; the item of a table or list; for a OneOf a struct each
  std::vector<std::pair<std::string, std::string>> rules;  // of a struct: key and words

  std::string name() const;  // the last part of the path
};

/// A root of the configuration and who reads it.
struct ConfigDoc {
  std::string name;     // "train"
  std::string command;  // "reka train CONFIG"
  KeyDoc root;
};

KeyDoc document_struct(const StructValue& config);

template <Described Config>
ConfigDoc document_config(std::string name, std::string command) {
  Config config;
  return {std::move(name), std::move(command), document_struct(struct_value(config))};
}

}  // namespace reka
