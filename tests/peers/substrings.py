#!/usr/bin/env python3
"""What `data.substrings` takes out of one source, against a suffix array over all its words.

    tests/peers/substrings.py [--corpus DIR] [--path gnome-user-docs/...] [--min-words 50]

Builds shards twice, without substrings and with them, and cuts the words of the first itself (ICU through
ctypes). Suffixes of all texts are sorted by doubling (Manber, Myers 1993), their common prefixes are those of
Kasai et al. 2001, and a word goes when it stands in a run of min-words that also stands as many words before.
The words that are left must be those of the second shards, document for document.
"""
import argparse
import ctypes
import ctypes.util
import itertools
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).parent.parent.parent
HEADER = re.compile(r"^texts / (.*) \[(.*)\] \d+ tokens, 0 media$")
END = "<|endoftext|>"
CONFIG = """data:
  folder: {folder}
  packages: {packages}
  memory_bytes: 4000000  # so that it goes through the disk
  tokenizer: {{type: train, vocab_size: 4000, sample_bytes: 300000}}
  substrings: {substrings}
  sources:
    texts:
      reader: {{type: {reader}, path: "{path}", {more}split: {{test: 0, dev: 0}}}}
"""


class Icu:
    """Word boundaries as data/corpus/words.h has them."""

    def __init__(self):
        name = ctypes.util.find_library("icuuc")
        self.library = ctypes.CDLL(name)
        self.version = name.rsplit(".", 1)[-1]
        opened = self.function("ubrk_open")
        opened.restype = ctypes.c_void_p
        status = ctypes.c_int(0)
        self.iterator = ctypes.c_void_p(opened(1, b"", None, 0, ctypes.byref(status)))  # 1: UBRK_WORD
        if status.value > 0:
            sys.exit(f"ICU: error {status.value}")
        self.set_text, self.next = self.function("ubrk_setText"), self.function("ubrk_next")
        self.is_space, self.is_alnum = self.function("u_isUWhiteSpace"), self.function("u_isalnum")

    def function(self, name):
        return getattr(self.library, f"{name}_{self.version}")

    def words(self, text):
        found = []
        for line in text.split("\n"):
            self.add_line(line, found)
        return found

    def add_line(self, line, found):
        units = line.encode("utf-16-le")
        status = ctypes.c_int(0)
        text = ctypes.create_string_buffer(units, len(units) + 2)  # which ICU reads until the last word
        self.set_text(self.iterator, text, len(units) // 2, ctypes.byref(status))
        begin, symbol = 0, ""
        while (end := self.next(self.iterator)) >= 0:
            word = units[2 * begin:2 * end].decode("utf-16-le")
            begin = end
            if self.is_space(ord(word[0])):
                symbol = ""
            elif word == symbol:  # "..." is one word
                found[-1] += word
            else:
                found.append(word)
                symbol = word if len(word) == 1 and not self.is_alnum(ord(word)) else ""


def suffix_array(ids):
    """Places in the order of what begins at them, and the order of each place."""
    rank, step = np.asarray(ids, np.int64), 1
    while True:
        behind = np.full(len(rank), -1, np.int64)
        behind[:-step] = rank[step:]
        order = np.lexsort((behind, rank))
        differs = (np.diff(rank[order]) != 0) | (np.diff(behind[order]) != 0)
        rank = np.empty(len(rank), np.int64)
        rank[order] = np.concatenate(([0], np.cumsum(differs)))
        if rank[order[-1]] == len(rank) - 1:
            return order, rank
        step *= 2


def common_prefixes(ids, order, rank):
    """Of each suffix and the one before it in the order."""
    order, rank = order.tolist(), rank.tolist()
    common, length = [0] * len(ids), 0
    for place, at in enumerate(rank):
        if at == 0:
            length = 0
            continue
        before = order[at - 1]
        while max(place, before) + length < len(ids) and ids[place + length] == ids[before + length]:
            length += 1
        common[at] = length
        length = max(length - 1, 0)
    return np.asarray(common)


def taken_out(texts, n):
    """texts: lists of words. -> which words of all texts in a row are taken out."""
    known, ids = {}, []
    for text in texts:
        ids += [known.setdefault(word, len(known)) for word in text]
        ids.append(-1 - len(ids))  # an end that equals nothing
    order, rank = suffix_array(ids)
    same = common_prefixes(ids, order, rank) >= n
    starts = np.flatnonzero(~same)  # of the runs of suffixes that begin with the same n words
    first = np.repeat(np.minimum.reduceat(order, starts), np.diff(np.append(starts, len(order))))
    begins = np.zeros(len(ids) + 1, np.int64)
    later = order[order - first >= n]
    np.add.at(begins, later, 1)
    np.add.at(begins, later + n, -1)
    return np.cumsum(begins)[:-1] > 0


def build(options, folder, name, substrings):
    config = folder / f"{name}.yaml"
    more = "source_language: C, " if options.reader == "mallard" else ""
    config.write_text(CONFIG.format(folder=folder / name, packages=options.corpus, reader=options.reader,
                                    path=options.path, substrings=substrings, more=more))
    begin = time.monotonic()
    subprocess.run([options.reka, "data", "build", config], check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - begin
    shown = subprocess.run([options.reka, "data", "show", folder / name, "--count", "1000000000"], check=True,
                           stdout=subprocess.PIPE).stdout.decode()
    texts, lines = {}, []
    for line in shown.split("\n"):
        if found := HEADER.match(line):
            lines = texts[found[1]] = []
        else:
            lines.append(line)
    return {name: "\n".join(lines).rstrip("\n").removesuffix(END) for name, lines in texts.items()}, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = os.environ.get("REKA_CACHE", os.path.expanduser("~/.cache/reka"))
    parser.add_argument("--corpus", type=pathlib.Path, default=pathlib.Path(cache) / "corpus")
    parser.add_argument("--reader", default="mallard")
    parser.add_argument("--path", default="gnome-user-docs/usr/share/help/{language}/*/*.page")
    parser.add_argument("--min-words", type=int, default=50)
    parser.add_argument("--reka", default=ROOT / "build/release/bin/reka")
    options = parser.parse_args()
    icu = Icu()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        plain, seconds_plain = build(options, folder, "plain", "{type: none}")
        once, seconds = build(options, folder, "once",
                              f"{{type: once, min_words: {options.min_words}}}")
    words = {name: icu.words(text) for name, text in plain.items()}
    taken = iter(taken_out(list(words.values()), options.min_words).tolist())
    wrong, count, out, touched = [], 0, 0, 0
    for name, text in words.items():
        marks = list(itertools.islice(taken, len(text) + 1))[:-1]  # behind each text stands its end
        left = "".join(word for word, mark in zip(text, marks) if not mark)
        count, out, touched = count + len(text), out + sum(marks), touched + any(marks)
        if left != "".join(icu.words(once.get(name, ""))):
            wrong.append(name)
    sizes = [sum(len(text.encode()) for text in texts.values()) for texts in (plain, once)]
    print(f"substrings: {len(plain)} documents of {count} words: {out} words of {touched} documents stand "
          f"{options.min_words} and more in a row before; {len(wrong)} documents differ; "
          f"{sizes[0] - sizes[1]} of {sizes[0]} bytes gone; build {seconds_plain:.1f} s without, {seconds:.1f} s with")
    for name in wrong[:10]:
        print(f"  {name}", file=sys.stderr)
    sys.exit(1 if wrong or out == 0 else 0)


if __name__ == "__main__":
    main()
