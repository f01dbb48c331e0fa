#include "data/corpus/spool.h"

#include <cerrno>
#include <cstring>

#include <c10/util/Exception.h>
#include <fcntl.h>
#include <unistd.h>

#include "reka/base/error.h"

namespace reka::data {
namespace {

class Packer {
 public:
  explicit Packer(std::string& bytes) : bytes_(bytes) {}

  template <typename T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void text(std::string_view value) {
    number<uint64_t>(value.size());
    bytes_ += value;
  }

 private:
  std::string& bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

  bool done() const { return bytes_.empty(); }

  template <typename T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    return value;
  }
  std::string text() { return std::string(take(number<uint64_t>())); }

 private:
  std::string_view take(uint64_t size) {
    TORCH_CHECK(size <= bytes_.size(), "spool: chunk ends within a document");
    const auto taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
};

Document unpack_document(Unpacker& from) {
  Document document;
  document.id = from.text();
  document.key = from.text();
  document.source = from.text();
  document.language = from.text();
  document.split = from.number<Split>();
  document.whole = from.number<uint8_t>() != 0;
  document.parts.resize(from.number<uint64_t>());
  for (auto& part : document.parts) {
    part.kind = from.number<Part::Kind>();
    part.text = from.text();
    part.media = from.number<uint64_t>();
    part.target = from.number<uint8_t>() != 0;
  }
  document.media.resize(from.number<uint64_t>());
  for (auto& medium : document.media) {
    medium.modality = from.number<Modality>();
    medium.bytes = from.text();
    medium.geometry = from.number<Geometry>();
    medium.name = from.text();
  }
  return document;
}

}  // namespace

void pack_document(const Document& document, std::string& bytes) {
  Packer to(bytes);
  to.text(document.id);
  to.text(document.key);
  to.text(document.source);
  to.text(document.language);
  to.number(document.split);
  to.number<uint8_t>(document.whole ? 1 : 0);
  to.number<uint64_t>(document.parts.size());
  for (const auto& part : document.parts) {
    to.number(part.kind);
    to.text(part.text);
    to.number<uint64_t>(part.media);
    to.number<uint8_t>(part.target ? 1 : 0);
  }
  to.number<uint64_t>(document.media.size());
  for (const auto& medium : document.media) {
    to.number(medium.modality);
    to.text(medium.bytes);
    to.number(medium.geometry);
    to.text(medium.name);
  }
}

std::vector<Document> unpack_documents(std::string_view bytes) {
  std::vector<Document> documents;
  Unpacker from(bytes);
  while (!from.done()) documents.push_back(unpack_document(from));
  return documents;
}

Spool::Spool(const std::filesystem::path& folder) : folder_(folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  auto name = (folder / ".spool-XXXXXX").string();
  file_ = mkostemp(name.data(), O_CLOEXEC);
  if (file_ < 0) {
    throw DataError("{}: {}: must be a folder to write in", folder.string(), std::strerror(errno));
  }
  unlink(name.c_str());
}

Spool::~Spool() {
  close(file_);
}

Spool::Chunk Spool::write(std::string_view packed) {
  const std::lock_guard lock(mutex_);
  const Chunk chunk{size_, packed.size()};
  while (!packed.empty()) {
    const auto written = pwrite(file_, packed.data(), packed.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      throw DataError("{}: {}: must hold the documents of the corpus once", folder_.string(),
                      std::strerror(errno));
    }
    size_ += static_cast<uint64_t>(written);
    packed.remove_prefix(static_cast<size_t>(written));
  }
  return chunk;
}

std::vector<Document> Spool::read(const Chunk& chunk) const {
  std::string bytes(chunk.bytes, '\0');
  for (uint64_t done = 0; done < chunk.bytes;) {
    const auto got = pread(file_, bytes.data() + done, chunk.bytes - done,
                           static_cast<off_t>(chunk.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw DataError("{}: documents cannot be read back", folder_.string());
    done += static_cast<uint64_t>(got);
  }
  return unpack_documents(bytes);
}

}  // namespace reka::data
