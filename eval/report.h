#pragma once

#include <string>
#include <vector>

#include "eval/results.h"
#include "reka/base/page.h"

namespace reka::eval {

/// The sample's first medium, with what was given, what the model wrote and what the corpus has.
Figure answer_figure(const Answer& answer, const data::Sample& sample);

/// The page that people look at: what each task found, with charts, pictures and sounds; `about`
/// says of which model and data.
Page make_page(const std::string& title, const std::string& about,
               const std::vector<TaskResult>& results);

}  // namespace reka::eval
