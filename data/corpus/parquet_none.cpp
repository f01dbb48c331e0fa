#include "data/corpus/parquet_file.h"
#include "reka/base/error.h"

namespace reka::data {

void ParquetFile::expect_built() {
  throw DataError(
      "parquet: this program was built without it: needs `.venv/bin/pip install --no-deps "
      "pyarrow==26.0.1` and a build with -DREKA_PARQUET=ON");
}

std::unique_ptr<ParquetFile> ParquetFile::open(const std::filesystem::path&) {
  expect_built();
  return nullptr;
}

}  // namespace reka::data
