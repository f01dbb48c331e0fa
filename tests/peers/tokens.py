#!/usr/bin/env python3
"""Token ids of reka, sentencepiece and transformers on every line of the corpus.

    tests/peers/tokens.py --export DIR --shards runs/data/quickstart [--corpus DIR]... [--most N]

Documents: the ids that stand in the shards, and what transformers makes of their text.
Lines: all text files and message catalogues under --corpus, the sources of this repository, and lines with
special symbols as plain text. Plain text never yields a special in `reka tokenize`; transformers does so
with split_special_tokens=True. `reka tokenize --specials`, sentencepiece and transformers as they come find
the specials. One character differs by intent: U+2581, SentencePiece's mark of a space, stays itself in reka.
And sentencepiece, with reka, takes a literal "<unk>" as text, where transformers takes it as id 0.
The slow class of transformers 4 ignores split_special_tokens, since its sentencepiece finds the specials; its
other ids, and all of its fast class, are the same.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import numpy as np
import sentencepiece
from transformers import AutoTokenizer

SPACE_MARK, UNKNOWN = "\u2581", "<unk>"
CONTEXTS = ["{}", "a{}b", " {} ", "{0}{0}", "<{}>", "human: {}?", "日本{}語", "\t{}  x", "<b>{}</b>", "é{}\u0301"]
BATCH = 20000


def aligned(size):
    return (size + 63) // 64 * 64


def documents(shard):
    """The samples of a shard (data/shards/format.h) -> lists of ids."""
    data = shard.read_bytes()
    flags, _, samples = np.frombuffer(data, "<u4, <u8, <u8", 1, 12)[0].tolist()
    sections = np.frombuffer(data, "<u8", 18, 72).reshape(6, 3)  # offset, length, hash
    begins = np.frombuffer(data, "<u8", samples + 1, int(sections[0, 0])).astype(np.int64)
    width = "<u4" if flags & 1 else "<u2"
    tokens = np.frombuffer(data, width, int(begins[-1]), int(sections[4, 0]))
    return [tokens[begin:end].tolist() for begin, end in zip(begins[:-1], begins[1:])]


def spans(ids, specials):
    """What stands between special symbols."""
    span = []
    for token in ids + [next(iter(specials))]:
        if token not in specials:
            span.append(token)
        elif span:
            yield tuple(span)
            span = []


def spread(values, most):
    """At most so many, evenly."""
    return values[::max(1, -(-len(values) // most))] if most else values


def texts_of(path):
    data = path.read_bytes()
    if path.suffix == ".mo":  # originals, then translations: tables of (length, offset)
        count, *tables = np.frombuffer(data, "<u4", 3, 8).tolist()
        for table in tables:
            for length, offset in np.frombuffer(data, "<u4", 2 * count, table).reshape(-1, 2).tolist():
                yield data[offset:offset + length].replace(b"\0", b"\n").decode("utf-8", errors="ignore")
    elif b"\0" not in data:
        yield data.decode("utf-8", errors="ignore")


def corpus_lines(folders, most):
    tracked = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True)
    paths = [pathlib.Path(name) for name in tracked.stdout.split("\0") if name]
    for folder in folders:
        paths += sorted(path for path in pathlib.Path(folder).rglob("*") if not path.is_symlink())
    lines = {}
    for path in paths:
        if path.is_file():
            for text in texts_of(path):
                lines.update(dict.fromkeys(text.replace("\r", "\n").split("\n")))
    return spread(list(lines), most)


def reka_ids(options, lines, *flags):
    command = [options.reka, "tokenize", "--tokenizer", options.export, *flags]
    done = subprocess.run(command, input="".join(line + "\n" for line in lines), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


class Comparison:
    def __init__(self, name):
        self.name, self.count, self.different = name, 0, []

    def add(self, texts, ours, theirs):
        self.count += len(texts)
        self.different += [(t, a, b) for t, a, b in zip(texts, ours, theirs, strict=True) if a != b]

    def report(self, what):
        print(f"tokens: {self.name}: {self.count - len(self.different)} of {self.count} {what} equal")
        for text, ours, theirs in self.different[:3]:
            print(f"  {text!r}\n    reka   {ours}\n    theirs {theirs}")
        return not self.different


def compare_documents(options, hugging):
    specials = set(hugging.added_tokens_decoder)
    found = {span for shard in sorted(pathlib.Path(options.shards).glob("*.shard"))
             for ids in documents(shard) for span in spans(ids, specials)}
    model = sentencepiece.SentencePieceProcessor(model_file=f"{options.export}/tokenizer.model")
    comparison = Comparison("shards and transformers")
    found = spread(sorted(found), options.most)
    for i in range(0, len(found), BATCH):
        some = [list(span) for span in found[i:i + BATCH]]
        texts = model.decode(some)
        keep = [n for n, text in enumerate(texts) if SPACE_MARK not in text]
        texts, some = [texts[n] for n in keep], [some[n] for n in keep]
        comparison.add(texts, some, hugging(texts, add_special_tokens=False, split_special_tokens=True)["input_ids"])
    return comparison.report("texts of documents")


def compare_lines(options, hugging):
    specials = [token.content for token in hugging.added_tokens_decoder.values()]
    literal = [context.format(symbol) for symbol in specials for context in CONTEXTS]
    lines = literal + corpus_lines(options.corpus, options.most)
    marked = sum(SPACE_MARK in line for line in lines)
    lines = [line for line in lines if SPACE_MARK not in line]
    model = sentencepiece.SentencePieceProcessor(model_file=f"{options.export}/tokenizer.model")
    plain = Comparison("reka tokenize and transformers with split_special_tokens")
    parsed = Comparison("reka tokenize --specials and transformers")
    package = Comparison("reka tokenize --specials and sentencepiece")
    for i in range(0, len(lines), BATCH):
        some = lines[i:i + BATCH]
        plain.add(some, reka_ids(options, some),
                  hugging(some, add_special_tokens=False, split_special_tokens=True)["input_ids"])
        ours = reka_ids(options, some, "--specials")
        package.add(some, ours, model.encode(some))
        known = [UNKNOWN not in line for line in some]
        theirs = hugging(some, add_special_tokens=False)["input_ids"]
        parsed.add(*([x for x, k in zip(xs, known) if k] for xs in (some, ours, theirs)))
    print(f"tokens: {marked} lines hold U+2581 and are left out")
    return all([comparison.report("lines") for comparison in (plain, parsed, package)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--export", required=True)
    parser.add_argument("--shards", required=True)
    parser.add_argument("--corpus", action="append", default=[], help="a folder of raw texts; may be repeated")
    parser.add_argument("--reka", default="build/release/bin/reka")
    parser.add_argument("--most", type=int, help="documents, and lines, to compare at most")
    options = parser.parse_args()
    hugging = AutoTokenizer.from_pretrained(options.export)
    good = [compare_documents(options, hugging), compare_lines(options, hugging)]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
