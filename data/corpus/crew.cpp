#include "data/corpus/crew.h"

#include "reka/base/error.h"

namespace reka::data {
namespace {

constexpr char kFine = '+', kFailed = '!';

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& found) {
    return found.what();
  }
}

}  // namespace

std::vector<std::string> Crew::exchange(const std::string& packed,
                                        const std::exception_ptr& error) const {
  auto texts = group_->gather_texts(error ? kFailed + text_of(error) : kFine + packed);
  if (error) std::rethrow_exception(error);
  for (auto& text : texts) {
    if (text.at(0) == kFailed) throw DataError("{}", text.substr(1));
    text.erase(0, 1);
  }
  return texts;
}

void Crew::first_does(const std::function<void()>& work) const {
  std::exception_ptr error;
  try {
    if (first()) work();
  } catch (const std::exception&) {
    error = std::current_exception();
  }
  if (!alone()) exchange("", error);
  if (error) std::rethrow_exception(error);
}

}  // namespace reka::data
