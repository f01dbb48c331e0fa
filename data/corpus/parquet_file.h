#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reka::data {

/// A Parquet file by its row groups. A build without Arrow links parquet_none.cpp, the same
/// functions as errors.
class ParquetFile {
 public:
  /// Throws DataError where the program was built without Parquet: how to build it.
  static void expect_built();
  /// Throws DataError: what is wrong with the file.
  static std::unique_ptr<ParquetFile> open(const std::filesystem::path& path);
  virtual ~ParquetFile() = default;

  virtual int num_row_groups() const = 0;
  virtual int64_t num_rows(int group) const = 0;

  /// The values of a row as text or bytes; nullopt for null and for a column that is not there.
  using Values = std::span<const std::optional<std::string>>;
  /// Calls use(row, values) for the rows of a group, in their order, with the values of `columns`;
  /// a part of the group is in memory at a time. Throws DataError: what is wrong with the group,
  /// and whatever `use` throws.
  virtual void read(int group, const std::vector<std::string>& columns,
                    const std::function<void(int64_t row, Values values)>& use) const = 0;
};

}  // namespace reka::data
