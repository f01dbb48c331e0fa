#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include "data/corpus/parquet_file.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

constexpr int64_t kRowsOfBatch = 256;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string words_of(const arrow::Status& status) {
  return status.message().empty() ? status.CodeAsString() : first_line(status.message());
}

template <typename T>
T value_of(arrow::Result<T>&& result) {
  if (!result.ok()) throw DataError("{}", words_of(result.status()));
  return std::move(result).ValueUnsafe();
}

template <typename T>
std::optional<std::string> number_at(const arrow::Array& column, int64_t row) {
  return std::to_string(static_cast<const arrow::NumericArray<T>&>(column).Value(row));
}

std::optional<std::string> text_at(const arrow::Array& column, int64_t row,
                                   const std::string& name) {
  if (column.IsNull(row)) return std::nullopt;
  switch (column.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return std::string(static_cast<const arrow::BinaryArray&>(column).GetView(row));
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return std::string(static_cast<const arrow::LargeBinaryArray&>(column).GetView(row));
    case arrow::Type::INT32:
      return number_at<arrow::Int32Type>(column, row);
    case arrow::Type::INT64:
      return number_at<arrow::Int64Type>(column, row);
    case arrow::Type::UINT32:
      return number_at<arrow::UInt32Type>(column, row);
    case arrow::Type::UINT64:
      return number_at<arrow::UInt64Type>(column, row);
    case arrow::Type::STRUCT: {
      const auto bytes = static_cast<const arrow::StructArray&>(column).GetFieldByName("bytes");
      if (bytes != nullptr) return text_at(*bytes, row, name);
      [[fallthrough]];
    }
    default:
      throw DataError("column {}: {}: must be text, bytes or whole numbers", name,
                      column.type()->ToString());
  }
}

class ArrowFile final : public ParquetFile {
 public:
  explicit ArrowFile(const std::filesystem::path& path) {
    parquet::arrow::FileReaderBuilder builder;
    const auto opened = builder.OpenFile(path.string());
    if (!opened.ok()) throw DataError("{}", words_of(opened));
    parquet::ArrowReaderProperties properties;
    properties.set_batch_size(kRowsOfBatch);
    properties.set_use_threads(false);
    properties.set_pre_buffer(false);
    builder.properties(properties);
    reader_ = value_of(builder.Build());
    const auto schema = reader_->parquet_reader()->metadata()->schema();
    for (int leaf = 0; leaf < schema->num_columns(); ++leaf) {
      leaves_.push_back(schema->Column(leaf)->path()->ToDotVector().front());
    }
  }

  int num_row_groups() const override { return reader_->num_row_groups(); }
  int64_t num_rows(int group) const override {
    return reader_->parquet_reader()->metadata()->RowGroup(group)->num_rows();
  }

  void read(int group, const std::vector<std::string>& columns,
            const std::function<void(int64_t, Values)>& use) const override {
    std::vector<int> wanted;
    for (int leaf = 0; leaf < static_cast<int>(leaves_.size()); ++leaf) {
      if (std::ranges::find(columns, leaves_[static_cast<size_t>(leaf)]) != columns.end())
        wanted.push_back(leaf);
    }
    try {
      const auto batches = value_of(reader_->GetRecordBatchReader({group}, wanted));
      int64_t row = 0;
      while (const auto batch = value_of(batches->Next())) {
        for (int64_t n = 0; n < batch->num_rows(); ++n) use(row++, values_at(*batch, n, columns));
      }
    } catch (const parquet::ParquetException& error) {
      throw DataError("{}", first_line(error.what()));
    }
  }

 private:
  static std::vector<std::optional<std::string>> values_at(
      const arrow::RecordBatch& batch, int64_t row, const std::vector<std::string>& columns) {
    std::vector<std::optional<std::string>> values;
    for (const auto& name : columns) {
      const auto column = batch.GetColumnByName(name);
      values.push_back(column == nullptr ? std::nullopt : text_at(*column, row, name));
    }
    return values;
  }

  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::vector<std::string> leaves_;  // the column that each of the file's leaves belongs to
};

}  // namespace

void ParquetFile::expect_built() {}

std::unique_ptr<ParquetFile> ParquetFile::open(const std::filesystem::path& path) {
  try {
    return std::make_unique<ArrowFile>(path);
  } catch (const parquet::ParquetException& error) {
    throw DataError("{}", first_line(error.what()));
  }
}

}  // namespace reka::data
