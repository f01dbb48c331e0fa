#include "data/corpus/gettext.h"
#include "tests/fuzz/input.h"

// Catalogues of GNU gettext.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return reka::fuzz::parsed([&] {
    reka::data::parse_mo({reinterpret_cast<const char*>(data), size});
  });
}
