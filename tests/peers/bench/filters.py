"""Language and quality filters beside datatrove: same texts, one thread each, in turns. Seconds are
processor time, without reading the texts.

    python tests/peers/bench/filters.py [--reka build/release/bin/reka] [--repeats 3] [--fasttext lid.176.ftz]

datatrove detects the language by fastText (lid.176) and applies GopherRepetition, GopherQuality, C4Quality
and FineWebQuality to each document, also to those that one of them would drop before the others. reka
measures all signals of these, script, mojibake and personal data, with the language by CLD2; with
--fasttext by the same model as datatrove. Without a model datatrove goes without language.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

from texts import help_pages


def run_reka(reka, corpus, model):
    command = [reka, "bench", "data", "filters", str(corpus), "--repeats", "3"]
    if model:
        command += ["--fasttext", model]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)["seconds"]


def datatrove_filters(model):
    from datatrove.pipeline.filters import (C4QualityFilter, FineWebQualityFilter, GopherQualityFilter,
                                            GopherRepetitionFilter, LanguageFilter)
    from loguru import logger

    logger.remove()
    filters = [GopherRepetitionFilter(), GopherQualityFilter(), C4QualityFilter(), FineWebQualityFilter()]
    if model:
        from fasttext.FastText import _FastText

        language = LanguageFilter()
        language.model._model = _FastText(model)
        filters.insert(0, language)
    return filters


def run_datatrove(texts, filters):
    from datatrove.data import Document
    from datatrove.utils.text import split_into_parts

    split_into_parts.cache_clear()
    begin = time.process_time()
    for number, text in enumerate(texts):
        for one in filters:
            one.filter(Document(text=text, id=str(number)))
    return time.process_time() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--reka", default="build/release/bin/reka")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--fasttext", help="a lid.176 model, for datatrove and for a second row of reka")
    options = parser.parse_args()
    texts = [page for page in help_pages("en-US") if len(page.split()) >= 60][: options.documents]
    size = sum(len(text.encode()) for text in texts)
    filters = datatrove_filters(options.fasttext)
    run_datatrove(texts[:5], filters)  # loads the tokenizer before the clock runs
    seconds = {"reka": [], "reka, fastText": [], "datatrove": []}
    with tempfile.TemporaryDirectory() as folder:
        corpus = pathlib.Path(folder) / "texts.jsonl"
        corpus.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        for _ in range(options.repeats):
            seconds["reka"].append(run_reka(options.reka, corpus, None))
            if options.fasttext:
                seconds["reka, fastText"].append(run_reka(options.reka, corpus, options.fasttext))
            seconds["datatrove"].append(run_datatrove(texts, filters))
    theirs = statistics.median(seconds["datatrove"])
    for name, values in seconds.items():
        if values:
            median = statistics.median(values)
            print(f"filters: {name}: {len(texts) / median:.0f} documents/s, {size / median / 1e6:.2f} MB/s, "
                  f"{theirs / median:.1f} times datatrove")


if __name__ == "__main__":
    main()
