#pragma once

#include <string>
#include <vector>

#include "eval/results.h"
#include "reka/base/page.h"

namespace reka::eval {

/// The page that people look at: what each task found, with charts, pictures and sounds.
Page make_page(const std::string& title, const std::vector<TaskResult>& results);

}  // namespace reka::eval
