#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace reka::data {

/// Finished work by its number, one record behind the other, each with its hash: what a process
/// that was killed has written whole is there for the next one.
class Journal {
 public:
  /// Opens or makes the file. One of another `version` is begun anew; behind the first record that
  /// is cut or damaged all is dropped. Both are told. Throws DataError.
  Journal(std::filesystem::path file, uint64_t version);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  size_t size() const;
  /// The record of this number; nullopt without one. From any thread, as append().
  std::optional<std::string> find(uint64_t number) const;
  void append(uint64_t number, std::string_view record);

  /// Calls use(record) for each.
  template <typename Use>
  void for_each(const Use& use) const {
    for (const auto& [number, place] : records_) use(*find(number));
  }

 private:
  struct Place {
    uint64_t offset;
    uint64_t bytes;
  };

  void read_all(uint64_t version);
  void begin(uint64_t version);
  [[noreturn]] void fail() const;
  bool read(uint64_t offset, char* bytes, size_t count) const;
  void write(std::string_view bytes);

  std::filesystem::path path_;
  int file_ = -1;
  uint64_t end_ = 0;
  mutable std::mutex mutex_;
  std::map<uint64_t, Place> records_;
};

}  // namespace reka::data
