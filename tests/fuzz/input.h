#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "reka/base/error.h"

namespace reka::fuzz {

/// The input as a file that is never on a disk.
class InputFile {
 public:
  InputFile(const uint8_t* data, size_t size) : file_(memfd_create("input", 0)) {
    for (size_t done = 0; done < size;)
      done += static_cast<size_t>(write(file_, data + done, size - done));
  }
  explicit InputFile(std::string_view bytes)
      : InputFile(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()) {}
  ~InputFile() { close(file_); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

/// Runs the parser: an Error is an answer, anything else that is thrown is a crash.
template <typename Parse>
int parsed(const Parse& parse) {
  try {
    parse();
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace reka::fuzz
