#include "reka/weights/safetensors.h"

#include "tests/fuzz/input.h"

// Files of tensors: every tensor that is there can be read to its end.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const reka::fuzz::InputFile file(data, size);
  return reka::fuzz::parsed([&] {
    const reka::SafetensorsFile tensors(file.path());
    unsigned sum = 0;
    for (const auto& [name, info] : tensors.tensors()) {
      for (const auto byte : tensors.bytes(name)) sum += static_cast<unsigned>(byte);
    }
    if (sum == 1) asm volatile("");
  });
}
