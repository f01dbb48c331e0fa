#pragma once

#include "data/corpus_config.h"
#include "data/shards/manifest.h"
#include "reka/parallel/launch.h"

namespace reka::data {

/// Sources -> documents that are normalised, of known language and side, each content once, no
/// held-out line in training -> tokens -> shards, with report.json and report.html.
/// The bytes depend on the configuration and the files alone: with a launch of several processes,
/// which share the disk, all of them read and tokenize, and the first writes. A folder that holds
/// the result of the same configuration and files stays as it is; an interrupted build leaves the
/// folder as it was, and beside it what it has read (data/corpus/work_folder.h), where the next one
/// goes on. Throws DataError: a folder that holds something else or is being built, a source of
/// which nothing is there, a full disk.
Manifest build_corpus(CorpusConfig config, const Launch& launch = {});

}  // namespace reka::data
