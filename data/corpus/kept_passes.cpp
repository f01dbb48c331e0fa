#include "data/corpus/kept_passes.h"

#include <algorithm>

#include <fmt/format.h>

#include "reka/base/hash.h"

namespace reka::data {

KeptPasses::KeptPasses(const std::filesystem::path& folder, uint64_t version, Crew crew)
    : folder_(folder / fmt::format("passes-{:016x}", version)),
      version_(version),
      crew_(std::move(crew)) {
  crew_.first_does([&] {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const bool is_old =
          entry.path().filename().string().starts_with("passes-") && entry.path() != folder_;
      if (is_old) std::filesystem::remove_all(entry.path());
    }
    std::filesystem::create_directories(folder_);
  });
}

std::string KeptPasses::next_name(const std::string& name) {
  auto file = fmt::format("{}-{}", name, names_[name]++);
  std::replace(file.begin(), file.end(), ' ', '-');
  return file;
}

uint64_t KeptPasses::end_of(const Journal& places) {
  uint64_t end = 0;
  places.for_each([&](const std::string& record) {
    end = std::max(end, from_bytes<Place>(record).chunk.end());
  });
  return end;
}

}  // namespace reka::data
