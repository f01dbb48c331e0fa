#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/corpus/in_order.h"
#include "data/corpus/packing.h"
#include "reka/parallel/group.h"

namespace reka::data {

/// The threads of the processes that build a corpus together: the work is dealt to all of them, and
/// all of them use all results in the same order. What is computed from the results is therefore
/// the same on every rank, for any number of them.
class Crew {
 public:
  /// Of this process alone.
  Crew(size_t num_threads)  // NOLINT(google-explicit-constructor): threads are a crew
      : Crew(reka::Group::alone(), num_threads) {}
  Crew(std::shared_ptr<reka::Group> group, size_t num_threads)
      : group_(std::move(group)), num_threads_(num_threads) {}

  size_t num_threads() const { return num_threads_; }  // of each process
  size_t rank() const { return static_cast<size_t>(group_->rank()); }
  bool first() const { return group_->first(); }
  bool alone() const { return group_->size() == 1; }

  /// work(n) for n < count on some thread of some rank, then use(n, result) in the calling thread
  /// of every rank, in the order of n. An exception of a work is thrown on all ranks: as it is
  /// where it was thrown, as a DataError with its text on the others.
  template <typename Result>
  void run(size_t count, const std::function<Result(size_t)>& work,
           const typename InOrder<Result>::Use& use) const;

  /// The first rank does it while the others wait; an exception is thrown on all.
  void first_does(const std::function<void()>& work) const;
  /// The first rank's text on all.
  std::string share(const std::string& text) const { return group_->share(text); }
  /// All ranks have come here.
  void meet() const { group_->any(false); }

 private:
  /// The packed results of every rank. Throws where one has failed.
  std::vector<std::string> exchange(const std::string& packed,
                                    const std::exception_ptr& error) const;

  std::shared_ptr<reka::Group> group_;
  size_t num_threads_;
};

template <typename Result>
void Crew::run(size_t count, const std::function<Result(size_t)>& work,
               const typename InOrder<Result>::Use& use) const {
  if (alone()) {
    InOrder<Result> order(count, num_threads_, work);
    order.run(use);
    return;
  }
  // Rounds, so that what waits is bounded; long enough that uneven items do not stop the threads.
  const auto world = static_cast<size_t>(group_->size());
  const auto round = world * num_threads_ * 8;
  for (size_t begin = 0; begin < count; begin += round) {
    const auto end = std::min(begin + round, count);
    const auto mine = (end - begin + world - 1 - rank()) / world;
    std::string packed;
    std::exception_ptr error;
    try {
      Packer to(packed);
      InOrder<Result> order(mine, num_threads_,
                            [&](size_t n) { return work(begin + n * world + rank()); });
      order.run([&](size_t, Result&& result) { pack_value(result, to); });
    } catch (const std::exception&) {
      error = std::current_exception();
    }
    const auto all = exchange(packed, error);
    std::vector<Unpacker> from(all.begin(), all.end());
    for (auto n = begin; n < end; ++n) use(n, unpack_value<Result>(from[(n - begin) % world]));
  }
}

}  // namespace reka::data
