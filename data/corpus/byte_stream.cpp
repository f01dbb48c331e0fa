#include "data/corpus/byte_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "reka/base/error.h"

namespace reka::data {

class ByteStream::Unpacker {
 public:
  /// Where packed bytes are read and where the others are written; both move on.
  struct Step {
    const char* in;
    size_t in_bytes;
    char* out;
    size_t out_bytes;
  };

  virtual ~Unpacker() = default;
  /// Throws DataError for what cannot be unpacked; `step` has then moved up to it.
  virtual void unpack(Step& step) = 0;
  /// Whether the file may end here.
  virtual bool is_whole() const = 0;
};

namespace {

constexpr size_t kStreamPieceBytes = 256 << 10;

class NotPacked final : public ByteStream::Unpacker {
 public:
  void unpack(Step& step) override {
    const auto bytes = std::min(step.in_bytes, step.out_bytes);
    std::memcpy(step.out, step.in, bytes);
    step = {step.in + bytes, step.in_bytes - bytes, step.out + bytes, step.out_bytes - bytes};
  }
  bool is_whole() const override { return true; }
};

class Gzip final : public ByteStream::Unpacker {
 public:
  Gzip() {
    constexpr int kGzip = 15 + 16;  // the largest window, in gzip's frame alone
    if (inflateInit2(&stream_, kGzip) != Z_OK) throw DataError("no memory to unpack gzip");
  }
  ~Gzip() override { inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  void unpack(Step& step) override {
    if (!in_member_) {
      if (has_member_ && *step.in == 0) {  // padding behind the last member, of tapes and blocks
        ++step.in, --step.in_bytes;
        return;
      }
      inflateReset(&stream_);
      in_member_ = has_member_ = true;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(step.in));
    stream_.avail_in = static_cast<uInt>(step.in_bytes);
    stream_.next_out = reinterpret_cast<Bytef*>(step.out);
    stream_.avail_out = static_cast<uInt>(step.out_bytes);
    const auto result = inflate(&stream_, Z_NO_FLUSH);
    step = {step.in + (step.in_bytes - stream_.avail_in), stream_.avail_in,
            step.out + (step.out_bytes - stream_.avail_out), stream_.avail_out};
    if (result == Z_STREAM_END) in_member_ = false;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
      throw DataError("damaged gzip ({})", stream_.msg == nullptr ? "no reason" : stream_.msg);
  }
  bool is_whole() const override { return has_member_ && !in_member_; }

 private:
  z_stream stream_ = {};
  bool in_member_ = false;
  bool has_member_ = false;
};

class Zstandard final : public ByteStream::Unpacker {
 public:
  void unpack(Step& step) override {
    ZSTD_inBuffer in{step.in, step.in_bytes, 0};
    ZSTD_outBuffer out{step.out, step.out_bytes, 0};
    const auto result = ZSTD_decompressStream(stream_.get(), &out, &in);
    step = {step.in + in.pos, step.in_bytes - in.pos, step.out + out.pos, step.out_bytes - out.pos};
    if (ZSTD_isError(result) != 0)
      throw DataError("damaged Zstandard ({})", ZSTD_getErrorName(result));
    whole_ = result == 0;
  }
  bool is_whole() const override { return whole_; }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_{ZSTD_createDStream()};
  bool whole_ = false;
};

std::unique_ptr<ByteStream::Unpacker> unpacker_of(std::string_view start) {
  constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd";
  constexpr std::string_view kSkippable = "\x2a\x4d\x18";  // behind a byte 0x50 ... 0x5f
  if (start.starts_with("\x1f\x8b")) return std::make_unique<Gzip>();
  const bool skippable = start.size() > 3 && (static_cast<uint8_t>(start[0]) & 0xF0) == 0x50 &&
                         start.substr(1).starts_with(kSkippable);
  if (skippable || start.starts_with(kZstd)) return std::make_unique<Zstandard>();
  return std::make_unique<NotPacked>();
}

}  // namespace

ByteStream::ByteStream(const std::filesystem::path& path)
    : path_(path), file_(open(path.c_str(), O_RDONLY | O_CLOEXEC)), packed_(kStreamPieceBytes) {
  try {
    if (file_ < 0) throw DataError("cannot be read");
    refill();
    unpacker_ = unpacker_of({packed_.data(), end_});
  } catch (const DataError&) {
    if (file_ >= 0) close(file_);
    throw;
  }
}

ByteStream::~ByteStream() {
  close(file_);
}

// Whether there was more.
bool ByteStream::refill() {
  begin_ = end_ = 0;
  while (end_ < packed_.size()) {
    const auto got = ::read(file_, packed_.data() + end_, packed_.size() - end_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw DataError("cannot be read");
    if (got == 0) break;
    end_ += static_cast<size_t>(got);
  }
  return end_ > 0;
}

size_t ByteStream::read(char* out, size_t bytes) {
  if (!failure_.empty()) throw DataError("{}", failure_);
  Unpacker::Step step{nullptr, 0, out, bytes};
  try {
    while (step.out_bytes > 0) {
      // What an unpacker holds back goes first: an empty piece asks for it.
      const bool at_end = begin_ == end_ && !refill();
      if (at_end && unpacker_->is_whole()) break;
      const auto room = step.out_bytes;
      step.in = packed_.data() + begin_;
      step.in_bytes = end_ - begin_;
      if (at_end) {
        unpacker_->unpack(step);
        if (step.out_bytes == room && !unpacker_->is_whole())
          throw DataError("truncated: ends within what is packed");
        continue;
      }
      unpacker_->unpack(step);
      begin_ = end_ - step.in_bytes;
    }
  } catch (const DataError& error) {
    failure_ = error.what();
    if (step.out_bytes == bytes) throw;
  }
  return bytes - step.out_bytes;
}

LineReader::LineReader(const std::filesystem::path& path, int64_t max_bytes)
    : stream_(path), max_bytes_(static_cast<size_t>(max_bytes)), buffer_(kStreamPieceBytes) {}

LineReader::Got LineReader::next() {
  line_.clear();
  bytes_ = 0;
  for (bool begun = false;; begun = true) {
    if (begin_ == end_) {
      begin_ = 0;
      try {
        end_ = stream_.read(buffer_.data(), buffer_.size());
      } catch (const DataError& error) {
        end_ = 0;
        failure_ = error.what();
        return Got::kFailed;
      }
      if (end_ == 0 && !begun) return Got::kEnd;
    }
    const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
    const auto newline = rest.find('\n');
    take(rest.substr(0, newline));
    begin_ = newline == rest.npos ? end_ : begin_ + newline + 1;
    if (newline == rest.npos && end_ > 0) continue;
    if (++number_ == 1 && line_.starts_with(kByteOrderMark)) line_.erase(0, kByteOrderMark.size());
    return static_cast<size_t>(bytes_) > max_bytes_ ? Got::kTooLong : Got::kLine;
  }
}

void LineReader::take(std::string_view piece) {
  bytes_ += static_cast<int64_t>(piece.size());
  if (static_cast<size_t>(bytes_) <= max_bytes_) {
    line_ += piece;
  } else {
    std::string().swap(line_);  // gives its memory back
  }
}

std::optional<std::string> unpack_or_skip(const std::filesystem::path& path, int64_t max_bytes,
                                          const SkipSink& skip) {
  std::string all;
  try {
    ByteStream stream(path);
    std::vector<char> piece(kStreamPieceBytes);
    while (const auto got = stream.read(piece.data(), piece.size())) {
      if (all.size() + got > static_cast<size_t>(max_bytes))
        throw DataError("more than {} bytes", max_bytes);
      all.append(piece.data(), got);
    }
    if (!all.empty()) return all;
    skip({path.string(), "empty file"});
  } catch (const DataError& error) {
    skip({path.string(), error.what()});
  }
  return std::nullopt;
}

}  // namespace reka::data
