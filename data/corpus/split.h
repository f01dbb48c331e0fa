#pragma once

#include <cstdint>
#include <string_view>

#include "data/item.h"
#include "reka/base/config.h"

namespace reka::data {

/// SHA-256(key), read as one big-endian number, modulo `modulus`: the same on every machine and in
/// every language, so that a split can be checked with any other tool.
int64_t key_class(std::string_view key, int64_t modulus);

/// Which keys are held out. Every reader holds one with the default of its kind of data and sets
/// Document::split with it, so that all documents with one key are on one side.
struct SplitConfig {
  int64_t modulus = 100;
  int64_t test = 2;
  int64_t dev = 2;

  void describe(auto& field) {
    field("modulus", modulus, "number of classes of keys: SHA-256 of the key modulo this",
          between(2, 1e6));
    field("test", test, "the first classes are the test set", not_negative);
    field("dev", dev, "the next classes are the dev set", not_negative);
    field.rule("modulus", test + dev < modulus, "must be more than test + dev");
  }

  bool operator==(const SplitConfig&) const = default;
  Split side_of_class(int64_t number) const;
  Split side(std::string_view key) const { return side_of_class(key_class(key, modulus)); }
};

}  // namespace reka::data
