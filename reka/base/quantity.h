#pragma once

#include <cstdint>
#include <string>

namespace reka {

/// Figures as a person reads them, three digits of them.
std::string count_text(double count);      // 987, 1.23k, 45.6M, 7.08B, 1.2T
std::string bytes_text(double bytes);      // 987 B, 1.23 kB, 45.6 MB (powers of 1000)
std::string seconds_text(double seconds);  // 0.3 s, 42 s, 3:07, 2:03:07, 3 d 4:00

/// A share of 1: "12.3 %".
std::string percent_text(double share, int decimals = 1);

}  // namespace reka
