#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <fmt/format.h>

#include "data/build.h"
#include "reka/base/files.h"
#include "reka/base/json.h"
#include "tests/support/temp_folder.h"

namespace reka::testing {

/// 60 pages in two languages, with a shared line, a duplicate, and files that cannot be read.
inline void write_pages(const TempFolder& folder) {
  for (int n = 0; n < 60; ++n) {
    folder.write(
        fmt::format("pages/en/text/{}.html", n),
        fmt::format(
            "<title>Page {0}</title><p>Shared line of all pages.</p><p>Words about the number "
            "{0} and more words, some of them {1}.</p>",
            n, n * n));
    folder.write(fmt::format("pages/de/text/{}.html", n),
                 fmt::format("<title>Seite {0}</title><p>Gemeinsame Zeile.</p><p>Wörter über die "
                             "Zahl {0} und mehr, einige davon {1}.</p>",
                             n, n * n));
  }
  folder.write("pages/fr/text/0.html", "<p>une page seule, avec un littéral <sep> dedans</p>");
  folder.write("pages/fr/text/1.html", "<p>une page seule, avec un littéral <sep> dedans</p>");
  folder.write("pages/fr/text/2.html", "");
  folder.write("pages/fr/text/3.html", "gr\xFCn");
  folder.write("pages/fr/text/4.html", "gr\xFCn");
}

inline data::CorpusConfig small_config(const std::filesystem::path& folder) {
  data::HtmlConfig html;
  html.path = "pages/{language}/text/*.html";
  html.source_language = "en";
  html.min_characters = 10;
  html.split = {.modulus = 10, .test = 1, .dev = 1};
  data::TokenizerTrainConfig tokenizer;
  tokenizer.vocab_size = 512;
  data::CorpusConfig config;
  config.folder = (folder / "shards").string();
  config.packages = folder.string();
  config.tokenizer = tokenizer;
  config.sources = {{"pages", {.reader = html, .licence = "CC0-1.0", .weight = 2}}};
  return config;
}

inline data::CorpusConfig small_config(const TempFolder& folder) {
  return small_config(folder.path());
}

/// report.json of a corpus that was built.
inline Json report_of(const data::CorpusConfig& config) {
  const auto path = std::filesystem::path(config.folder) / "report.json";
  return parse_json(read_file(path), path.string());
}

/// The files of a folder by name.
inline std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files[entry.path().filename().string()] = read_file(entry.path());
  return files;
}

/// The files of a corpus that is built anew.
inline std::map<std::string, std::string> built(const data::CorpusConfig& config) {
  std::filesystem::remove_all(config.folder);
  data::build_corpus(config);
  return contents(config.folder);
}

}  // namespace reka::testing
