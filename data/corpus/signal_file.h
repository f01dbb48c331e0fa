#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "data/corpus/scratch_file.h"
#include "data/corpus/signals.h"
#include "data/item.h"
#include "reka/base/files.h"

namespace reka::data {

// signals.bin, beside the shards: one row for each document that was read, also those that were
// dropped, in the order of reading. Little-endian. Groups of up to 65,536 rows, each from a
// multiple of 64 bytes on and made of columns, which begin at multiples of 64 bytes of the group:
//   u32 text_bytes[rows], u16 source[rows], u16 language[rows], u8 split[rows], u8 kind[rows],
//   f32 signal[rows] for each column, u32 id_begin[rows + 1], the bytes of the ids.
// Then a footer in JSON: "columns" (name, version, meaning), "sources" and "languages" (what the
// u16 count), "detector", "groups" (offset, bytes, rows, hash: XXH3-64 of the group); and 24 bytes:
// size of the footer (u64), its XXH3-64 (u64), "REKASIG1".

inline constexpr std::string_view kSignalsName = "signals.bin";

/// What is known of a document besides its signals.
struct SignalRow {
  enum Kind : uint8_t { kHasMedia = 1, kWhole = 2 };

  std::string id;
  uint32_t text_bytes = 0;
  uint16_t source = 0;
  uint16_t language = 0;
  Split split = Split::kTrain;
  uint8_t kind = 0;
  std::vector<float> signals;

  static auto members(auto& self) {
    return std::tie(self.id, self.text_bytes, self.source, self.language, self.split, self.kind,
                    self.signals);
  }
};

/// Rows that stand together, as views.
struct SignalGroup {
  size_t first = 0;  // number of its first row
  size_t rows = 0;
  std::span<const uint32_t> text_bytes;
  std::span<const uint16_t> source, language;
  std::span<const uint8_t> split, kind;
  std::vector<std::span<const float>> signals;
  std::span<const uint32_t> id_begin;
  std::string_view ids;

  std::string_view id(size_t row) const {
    return ids.substr(id_begin[row], id_begin[row + 1] - id_begin[row]);
  }
};

/// signals.bin, mapped.
class SignalFile {
 public:
  /// Throws DataError when the file is none or damaged, or has columns of other definitions.
  explicit SignalFile(const std::filesystem::path& path);

  size_t num_rows() const { return num_rows_; }
  const std::vector<std::string>& sources() const { return sources_; }
  const std::vector<std::string>& languages() const { return languages_; }
  std::span<const SignalGroup> groups() const { return groups_; }
  std::span<const std::byte> bytes() const { return file_.bytes(); }

 private:
  void read_groups(std::string_view footer, const std::string& place);

  MappedFile file_;
  size_t num_rows_ = 0;
  std::vector<std::string> sources_, languages_;
  std::vector<SignalGroup> groups_;
};

/// Rows on disk while a corpus is read; the file has no name and is gone when the process is.
class SignalWriter {
 public:
  explicit SignalWriter(const std::filesystem::path& folder);

  void add(SignalRow row);
  /// The file as it will stand beside the shards; names are by SignalRow's numbers.
  SignalFile finish(const std::vector<std::string>& sources,
                    const std::vector<std::string>& languages, std::string_view detector);

 private:
  void write_group();
  void write(std::string_view bytes);

  ScratchFile file_;
  std::vector<SignalRow> rows_;
  std::string groups_;  // of the footer, JSON without the brackets
};

}  // namespace reka::data
