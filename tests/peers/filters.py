#!/usr/bin/env python3
"""datatrove's filters against our signals and rules, document for document, on real text.

  filters.py CORPUS            documents of the starter corpus (CORPUS: the folder of fetched packages)
    --each 150                 documents of each language
    --disagreements FILE       where those end to end are listed

With datatrove's words and sentences given, keep and drop of GopherQuality, GopherRepetition, C4Quality
and FineWebQuality, and of FineWeb-2's three with its limits for the language, must be equal. With our own
words at least 99 in 100 documents must be judged alike by the first four, in the languages that both cut
at spaces. In the others datatrove has a dictionary for each, or none that works (its Chinese leaves whole
clauses in one word), and how many are judged alike is told.

Needs a venv of its own with the packages of filters.txt.
"""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml
from datatrove.data import Document
from datatrove.pipeline.filters import (C4QualityFilter, FineWebQualityFilter, GopherQualityFilter,
                                        GopherRepetitionFilter)
from datatrove.pipeline.filters.c4_filters import CITATION_REGEX
from datatrove.utils.text import split_into_sentences, split_into_words

ROOT = pathlib.Path(__file__).parent.parent.parent
RULES = ROOT / "configs" / "data" / "rules"
LANGUAGES = "en de fr es ru pl tr vi hi ja zh km".split()
SPACED = "en de fr es ru pl tr".split()
THEIR_NAMES = {"hi": "hin_Deva"}  # its "hi" is Hindi in Latin letters
SOURCES = ["libreoffice_help", "gnome_help", "installation_guide"]


class Counts:
    def __init__(self):
        self.compared, self.dropped, self.wrong = 0, 0, {"given": 0, "own": 0}


def texts(options):
    """A spread of documents of each language, without those of no word."""
    found = collections.defaultdict(list)
    command = [options.tool, "texts", ROOT / "configs/data/starter.yaml", options.corpus, *SOURCES]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            document = json.loads(line)
            if document["language"] in LANGUAGES and document["text"].strip():
                found[document["language"]].append(document)
    for language in LANGUAGES:
        documents = found[language]
        step = max(1, len(documents) // options.each)
        for document in documents[::step][:options.each]:
            yield document


def with_words(document):
    text, language = document["text"], THEIR_NAMES.get(document["language"], document["language"])
    document["words"] = split_into_words(text, language)
    document["sentences"] = {}
    for line in text.splitlines():
        line = CITATION_REGEX.sub("", line.strip())
        if line.endswith((".", "?", "!", '"', "'")):
            try:
                document["sentences"][line] = len(split_into_sentences(line, language))
            except ValueError:  # its Khmer splitter changes the text and then does not find it
                document["sentences"][line] = 1
                document["has_no_c4"] = True
    return document


def limit(rule, language, key):
    return {**rule, **rule.get("per_language", {}).get(language, {})}[key]


def fineweb2(language, name, stop_words):
    """The filters of the FineWeb-2 pipeline with the limits of our preset."""
    rules = yaml.safe_load((RULES / "fineweb2.yaml").read_text())["data"]["rules"]
    of = lambda name, key="max": limit(rules["fineweb2_" + name], language, key)
    return [
        GopherRepetitionFilter(dup_para_frac=0, dup_line_char_frac=0, dup_para_char_frac=0,
                               dup_line_frac=of("duplicate_lines"), language=name,
                               top_n_grams=[(n, of(f"top_{n}_gram")) for n in (2, 3, 4)],
                               dup_n_grams=[(n, of(f"duplicate_{n}_grams")) for n in range(5, 11)]),
        FineWebQualityFilter(short_line_thr=999, char_duplicates_ratio=0.1, language=name,
                             line_punct_thr=of("line_punctuation", "min"),
                             new_line_ratio=of("newlines")),
        GopherQualityFilter(max_avg_word_length=of("mean_word_length"), language=name,
                            min_avg_word_length=of("mean_word_length", "min"), stop_words=stop_words,
                            max_non_alpha_words_ratio=of("alpha_words", "min")),
    ]


def stop_words():
    """Of each language, out of our table."""
    source = (ROOT / "data/corpus/stop_words.cpp").read_text()
    lists = {language: "".join(re.findall(r'"([^"]*)"', words))
             for language, words in re.findall(r'\{"(\w+)",\s*((?:"[^"]*"\s*)+)\}', source)}
    lists["en"] = "the be to of and that have with"
    return {language: words.split() for language, words in lists.items()}


def keeps(filters, document):
    """Whether all filters keep a copy of the document; C4 changes it."""
    for one in filters:
        result = one.filter(Document(text=document["text"], id=document["id"]))
        if not (result[0] if isinstance(result, tuple) else result):
            return False
    return True


def filters_of(language, words):
    name = THEIR_NAMES.get(language, language)
    filters = {
        "GopherQuality": [GopherQualityFilter(language=name)],
        "GopherRepetition": [GopherRepetitionFilter(language=name)],
        "C4Quality": [C4QualityFilter(language=name)],
        "FineWebQuality": [FineWebQualityFilter(language=name)],
    }
    if language in words:
        filters["FineWeb-2"] = fineweb2(language, name, words[language])
    return filters


def ours(judged):
    """Broken rules of each filter."""
    gopher = judged["gopher"]
    repeated = [name for name in gopher if name.startswith(("gopher_duplicate_", "gopher_top_"))]
    return {
        "GopherQuality": [name for name in gopher if name not in repeated],
        "GopherRepetition": repeated,
        "C4Quality": judged["c4"],
        "FineWebQuality": [name for name in judged["fineweb"] if name.startswith("fineweb_")],
        "FineWeb-2": judged["fineweb2"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("--each", type=int, default=150)
    parser.add_argument("--disagreements")
    parser.add_argument("--tool", default=ROOT / "build/release/tests/peers/peers_filters")
    options = parser.parse_args()

    documents = [document for document in map(with_words, texts(options)) if document["words"]]
    lines = "".join(json.dumps(document) + "\n" for document in documents)
    with tempfile.TemporaryDirectory() as folder:
        presets = [RULES / f"{name}.yaml" for name in ("gopher", "c4", "fineweb", "fineweb2")]
        judged = subprocess.run([options.tool, "judge", folder, *presets], input=lines, text=True,
                                stdout=subprocess.PIPE, check=True).stdout.splitlines()
    words = stop_words()
    filters = {language: filters_of(language, words) for language in LANGUAGES}
    counts, listed = collections.defaultdict(Counts), []
    for document, line in zip(documents, map(json.loads, judged), strict=True):
        for name, theirs in filters[document["language"]].items():
            if name == "C4Quality" and document.get("has_no_c4"):
                continue
            kept = keeps(theirs, document)
            count = counts[name, document["language"] in SPACED]
            count.compared += 1
            count.dropped += not kept
            for mode in ("given", "own"):
                broken = ours(line[mode])[name]
                if kept == (not broken):
                    continue
                count.wrong[mode] += 1
                listed.append({"words": mode, "filter": name, "language": document["language"],
                               "id": document["id"], "datatrove": "keeps" if kept else "drops",
                               "broken": broken})
    if options.disagreements:
        pathlib.Path(options.disagreements).write_text("".join(json.dumps(one) + "\n" for one in listed))
    failed = False
    for (name, spaced), count in sorted(counts.items(), key=lambda one: (not one[0][1], one[0][0])):
        alike = 1 - count.wrong["own"] / count.compared
        failed |= count.wrong["given"] > 0 or (spaced and name != "FineWeb-2" and alike < 0.99)
        print(f"filters: {name}: {count.compared} documents, {'words with spaces' if spaced else 'other scripts'}; "
              f"datatrove drops {count.dropped}; {count.wrong['given']} otherwise with its words, "
              f"{count.wrong['own']} ({100 * alike:.2f} % alike) with ours")
    if failed:
        for one in [one for one in listed if one["words"] == "given"][:10] + listed[:20]:
            print(one, file=sys.stderr)
        sys.exit("filters: decisions differ: expected none with datatrove's words, 99 % alike with ours")


if __name__ == "__main__":
    main()
