#include "data/corpus/signal_file.h"

#include <cstring>
#include <utility>

#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/json.h"

namespace reka::data {
namespace {

constexpr size_t kGroupRows = 65536;
constexpr size_t kColumnAlignment = 64;
constexpr std::string_view kSignalsMagic = "REKASIG1";

struct Trailer {
  uint64_t footer_bytes = 0;
  uint64_t footer_hash = 0;
  char magic[8] = {};
};

void pad_to_alignment(std::string& bytes) {
  bytes.resize((bytes.size() + kColumnAlignment - 1) / kColumnAlignment * kColumnAlignment);
}

template <typename T, typename Get>
void append_column(std::string& bytes, const std::vector<SignalRow>& rows, const Get& get) {
  pad_to_alignment(bytes);
  for (const auto& row : rows) {
    const T value = get(row);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
}

std::string pack_group(const std::vector<SignalRow>& rows) {
  std::string bytes;
  append_column<uint32_t>(bytes, rows, [](const auto& row) { return row.text_bytes; });
  append_column<uint16_t>(bytes, rows, [](const auto& row) { return row.source; });
  append_column<uint16_t>(bytes, rows, [](const auto& row) { return row.language; });
  append_column<uint8_t>(bytes, rows,
                         [](const auto& row) { return static_cast<uint8_t>(row.split); });
  append_column<uint8_t>(bytes, rows, [](const auto& row) { return row.kind; });
  for (size_t column = 0; column < signal_columns().size(); ++column) {
    append_column<float>(bytes, rows, [&](const auto& row) { return row.signals[column]; });
  }
  uint32_t begin = 0;
  append_column<uint32_t>(bytes, rows, [&](const auto& row) {
    return std::exchange(begin, begin + static_cast<uint32_t>(row.id.size()));
  });
  bytes.append(reinterpret_cast<const char*>(&begin), sizeof(begin));
  pad_to_alignment(bytes);
  for (const auto& row : rows) bytes += row.id;
  pad_to_alignment(bytes);
  return bytes;
}

// Takes columns off a group in their order.
class GroupColumns {
 public:
  GroupColumns(std::string_view bytes, const std::string& place) : bytes_(bytes), place_(place) {}

  template <typename T>
  std::span<const T> take(size_t count) {
    const auto begin = (at_ + kColumnAlignment - 1) / kColumnAlignment * kColumnAlignment;
    if (begin + count * sizeof(T) > bytes_.size()) {
      throw DataError("{}: a group of rows is cut short: must be built again", place_);
    }
    at_ = begin + count * sizeof(T);
    return {reinterpret_cast<const T*>(bytes_.data() + begin), count};
  }

 private:
  std::string_view bytes_;
  const std::string& place_;
  size_t at_ = 0;
};

SignalGroup view_group(std::string_view bytes, size_t first, size_t rows,
                       const std::string& place) {
  GroupColumns columns(bytes, place);
  SignalGroup group{.first = first, .rows = rows};
  group.text_bytes = columns.take<uint32_t>(rows);
  group.source = columns.take<uint16_t>(rows);
  group.language = columns.take<uint16_t>(rows);
  group.split = columns.take<uint8_t>(rows);
  group.kind = columns.take<uint8_t>(rows);
  for (size_t n = 0; n < signal_columns().size(); ++n) {
    group.signals.push_back(columns.take<float>(rows));
  }
  group.id_begin = columns.take<uint32_t>(rows + 1);
  const auto ids = columns.take<char>(group.id_begin.back());
  group.ids = {ids.data(), ids.size()};
  return group;
}

Json columns_json() {
  Json columns = Json::array();
  for (const auto& column : signal_columns()) {
    columns.push_back(
        {{"name", column.name}, {"version", column.version}, {"meaning", column.meaning}});
  }
  return columns;
}

void expect_same_columns(const Json& footer, const std::string& place) {
  const auto& columns = footer.at("columns");
  const auto known = signal_columns();
  bool same = columns.size() == known.size();
  for (size_t n = 0; same && n < known.size(); ++n) {
    same = columns[n].at("name") == known[n].name && columns[n].at("version") == known[n].version;
  }
  if (!same) {
    throw DataError("{}: signals of other definitions than this program's: must be built again",
                    place);
  }
}

}  // namespace

SignalFile::SignalFile(const std::filesystem::path& path) : file_(path) {
  const auto place = path.string();
  const std::string_view bytes(reinterpret_cast<const char*>(file_.bytes().data()), file_.size());
  Trailer trailer;
  if (bytes.size() < sizeof(trailer)) throw DataError("{}: is no file of signals", place);
  std::memcpy(&trailer, bytes.data() + bytes.size() - sizeof(trailer), sizeof(trailer));
  if (std::string_view(trailer.magic, sizeof(trailer.magic)) != kSignalsMagic ||
      trailer.footer_bytes > bytes.size() - sizeof(trailer)) {
    throw DataError("{}: is no file of signals, or cut short: must be built again", place);
  }
  const auto footer =
      bytes.substr(bytes.size() - sizeof(trailer) - trailer.footer_bytes, trailer.footer_bytes);
  if (xxh3_64(footer) != trailer.footer_hash) {
    throw DataError("{}: its footer is damaged: must be built again", place);
  }
  read_groups(footer, place);
}

void SignalFile::read_groups(std::string_view footer, const std::string& place) {
  const auto json = parse_json(footer, place);
  expect_same_columns(json, place);
  sources_ = json_value<std::vector<std::string>>(json, "sources", place);
  languages_ = json_value<std::vector<std::string>>(json, "languages", place);
  const std::string_view bytes(reinterpret_cast<const char*>(file_.bytes().data()), file_.size());
  for (const auto& group : json.at("groups")) {
    const auto offset = json_value<uint64_t>(group, "offset", place);
    const auto size = json_value<uint64_t>(group, "bytes", place);
    const auto rows = json_value<uint64_t>(group, "rows", place);
    if (offset > bytes.size() || size > bytes.size() - offset) {
      throw DataError("{}: is cut short: must be built again", place);
    }
    const auto packed = bytes.substr(offset, size);
    if (hex(xxh3_64(packed)) != json_value<std::string>(group, "hash", place)) {
      throw DataError("{}: rows from {} on are damaged: must be built again", place, num_rows_);
    }
    groups_.push_back(view_group(packed, num_rows_, rows, place));
    num_rows_ += rows;
  }
}

SignalWriter::SignalWriter(const std::filesystem::path& folder)
    : file_(folder, "the signals of the corpus") {}

void SignalWriter::add(SignalRow row) {
  rows_.push_back(std::move(row));
  if (rows_.size() == kGroupRows) write_group();
}

void SignalWriter::write_group() {
  if (rows_.empty()) return;
  const auto bytes = pack_group(rows_);
  const Json group = {{"offset", file_.size()},
                      {"bytes", bytes.size()},
                      {"rows", rows_.size()},
                      {"hash", hex(xxh3_64(bytes))}};
  groups_.append(groups_.empty() ? "" : ",").append(dump_json(group));
  write(bytes);
  rows_.clear();
}

void SignalWriter::write(std::string_view bytes) {
  file_.append(std::as_bytes(std::span(bytes)));
}

SignalFile SignalWriter::finish(const std::vector<std::string>& sources,
                                const std::vector<std::string>& languages,
                                std::string_view detector) {
  write_group();
  Json json = {{"columns", columns_json()},
               {"sources", sources},
               {"languages", languages},
               {"detector", detector},
               {"groups", parse_json("[" + groups_ + "]", "signals")}};
  const auto footer = dump_json(json);
  Trailer trailer{.footer_bytes = footer.size(), .footer_hash = xxh3_64(footer)};
  kSignalsMagic.copy(trailer.magic, sizeof(trailer.magic));
  write(footer);
  write({reinterpret_cast<const char*>(&trailer), sizeof(trailer)});
  return SignalFile(file_.path());
}

}  // namespace reka::data
