#include "reka/base/config.h"

#include <fmt/format.h>

std::string reka::detail::number_text(double value) {
  return fmt::format("{}", value);
}
