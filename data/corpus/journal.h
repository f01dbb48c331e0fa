#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reka::data {

/// Finished work by its number, one record behind the other, each with its hash: what a process
/// that was killed has written whole is there for the next one.
class Journal {
 public:
  /// Opens or makes the file. One of another `version` is begun anew; behind the first record that
  /// is cut or damaged all is dropped. Both are told. Throws DataError.
  Journal(std::filesystem::path file, uint64_t version) : Journal(std::move(file), version, true) {}
  /// One that another process writes, to be read as it is now; of another version it is empty.
  static std::unique_ptr<const Journal> to_read(std::filesystem::path file, uint64_t version) {
    return std::unique_ptr<const Journal>(new Journal(std::move(file), version, false));
  }
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
  Journal(std::filesystem::path file, uint64_t version, bool writes);

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
  bool writes_;
  int file_ = -1;
  uint64_t end_ = 0;
  mutable std::mutex mutex_;
  std::map<uint64_t, Place> records_;
};

/// The files NAME-0, NAME-1, ... of a folder that the processes of a build share: each rank writes
/// its own, all read what was in any of them when read_others() was called.
class SharedJournal {
 public:
  /// As Journal, of this rank's file.
  SharedJournal(const std::filesystem::path& folder, const std::string& name, size_t rank,
                uint64_t version);

  /// After all ranks have opened theirs.
  void read_others();
  size_t size() const;
  std::optional<std::string> find(uint64_t number) const;
  void append(uint64_t number, std::string_view record) { own_.append(number, record); }
  const Journal& own() const { return own_; }

 private:
  std::filesystem::path base_;
  size_t rank_;
  uint64_t version_;
  Journal own_;
  std::vector<std::unique_ptr<const Journal>> others_;
};

}  // namespace reka::data
