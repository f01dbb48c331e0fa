#include "data/corpus/source.h"

namespace reka::data {

std::unique_ptr<Reader> open_source(const SourceConfig& config, const ReaderContext& context) {
  return std::visit([&](const auto& reader) { return make_reader(reader, context); },
                    static_cast<const decltype(config.reader)&>(config.reader));
}

}  // namespace reka::data
