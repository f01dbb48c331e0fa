#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "data/corpus/crew.h"
#include "data/corpus/journal.h"
#include "data/corpus/packing.h"
#include "data/corpus/spool.h"

namespace reka::data {

/// Passes over a corpus whose results stay on disk until the build has ended: what an interrupted
/// build has done of a pass is not done again.
class KeptPasses {
 public:
  /// Results of another `version` are removed: it stands for all that they depend on.
  KeptPasses(const std::filesystem::path& folder, uint64_t version, Crew crew);

  /// As Crew::run, with work(n, spool). What `work` writes to the spool besides its result stays
  /// too; a result names its place as `SharedSpool::Place spooled`.
  template <typename Result>
  void run(const std::string& name, size_t count,
           const std::function<Result(size_t, SharedSpool&)>& work,
           const std::function<void(size_t, Result&&, const SharedSpool&)>& use);

 private:
  using Place = SharedSpool::Place;

  std::string next_name(const std::string& name);
  static uint64_t end_of(const Journal& places);

  /// What an earlier process has left, if it is undamaged.
  template <typename Result>
  static std::optional<Place> find(const SharedJournal& places, const SharedSpool& spool,
                                   size_t n) {
    const auto record = places.find(n);
    if (!record) return std::nullopt;
    const auto place = from_bytes<Place>(*record);
    if (!spool.holds(place)) return std::nullopt;
    if constexpr (requires(Result result) { result.spooled; }) {
      const auto result = from_bytes<Result>(spool.read(place));
      if (!spool.holds(result.spooled)) return std::nullopt;
    }
    return place;
  }

  std::filesystem::path folder_;
  uint64_t version_;
  Crew crew_;
  std::map<std::string, size_t> names_;  // how often each was used
};

template <typename Result>
void KeptPasses::run(const std::string& name, size_t count,
                     const std::function<Result(size_t, SharedSpool&)>& work,
                     const std::function<void(size_t, Result&&, const SharedSpool&)>& use) {
  const auto file = next_name(name);
  SharedJournal places(folder_, "done-" + file, crew_.rank(), version_);
  SharedSpool spool(folder_, "results-" + file, crew_.rank(), end_of(places.own()));
  crew_.meet();  // all have opened their files
  places.read_others();
  const auto work_on = [&](size_t n) {
    if (const auto before = find<Result>(places, spool, n)) return *before;
    const auto result = work(n, spool);
    const auto place = spool.write(to_bytes(result));
    places.append(n, to_bytes(place));
    return place;
  };
  crew_.run<Place>(count, work_on, [&](size_t n, Place&& place) {
    use(n, from_bytes<Result>(spool.read(place)), spool);
  });
}

}  // namespace reka::data
