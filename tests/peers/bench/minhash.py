"""MinHash signatures and clusters beside datatrove and rensa: same texts, same parameters, one
thread each, in turns. Seconds are processor time, without reading the texts.

    python tests/peers/bench/minhash.py [--reka build/release/bin/reka] [--repeats 3]

Texts are English help pages that are no near duplicates of each other, and copies of two in five of
them with edits at graded rates; F1 counts pairs in one cluster against the pairs that were planted.
"""

import argparse
import collections
import itertools
import json
import pathlib
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time

from texts import help_pages

RATES = [0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08]  # words edited of all
BANDS, ROWS, NGRAM = 14, 8, 5


def shingles(text):
    words = text.lower().split()
    return [" ".join(words[n : n + NGRAM]) for n in range(len(words) - NGRAM + 1)]


def distinct(pages, most=0.2):
    """Pages of 60 words or more that share few runs of words with an earlier one."""
    kept, owners = [], collections.defaultdict(list)
    for page in pages:
        runs = set(shingles(page))
        shared = collections.Counter(owner for run in runs for owner in owners[run])
        if len(page.split()) < 60 or any(count > most * len(runs) for count in shared.values()):
            continue
        for run in runs:
            owners[run].append(len(kept))
        kept.append(page)
    return kept


def edited(page, rate, draw):
    lines = [line.split(" ") for line in page.split("\n")]
    vocabulary = [word for line in lines for word in line]
    for line in lines:
        for n in reversed(range(len(line))):
            if draw.random() < rate:
                word = draw.choice(vocabulary)
                line[n : n + 1] = draw.choice([[word], [], [line[n], word]])
    return "\n".join(" ".join(line) for line in lines)


def planted():
    """Texts in a mixed order, and the planted pairs with their rates."""
    draw = random.Random(1)
    pages = distinct(help_pages("en-US"))
    texts = [(page, n, 0.0) for n, page in enumerate(pages)]
    for n in range(0, len(pages) - 2, 5):
        for m in (n, n + 2):
            rate = RATES[m % len(RATES)]
            texts.append((edited(pages[m], rate, draw), m, rate))
    draw.shuffle(texts)
    first, pairs = {}, {}
    for number, (_, page, rate) in enumerate(texts):
        if page in first:
            pairs[first[page][0], number] = max(rate, first[page][1])
        first[page] = (number, rate)
    return [text for text, _, _ in texts], pairs


def run_reka(reka, corpus, work):
    """-> seconds with making shingles, and without; clusters."""
    output = subprocess.run(
        [reka, "bench", "data", "minhash", str(corpus), "--repeats", "5", "--clusters", str(work / "clusters")],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    result = json.loads(output)
    clusters = [int(line) for line in (work / "clusters").read_text().split()]
    whole = result["sign_seconds"] + result["cluster_seconds"]
    return whole, whole - result["shingle_seconds"], clusters


def run_datatrove(texts, work):
    from datatrove.data import Document
    from datatrove.pipeline.dedup.minhash import (
        MinhashConfig, MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupSignature)
    from loguru import logger

    logger.remove()
    config = MinhashConfig(n_grams=NGRAM, num_buckets=BANDS, hashes_per_bucket=ROWS)
    signatures, buckets, clusters = (str(work / name) for name in ("signatures", "buckets", "clustered"))
    documents = [Document(text=text, id=str(n)) for n, text in enumerate(texts)]
    signer = MinhashDedupSignature(signatures, config=config)
    signer.get_shingles("the tokenizer is loaded before the clock runs")
    begin = time.process_time()
    signer.run(documents, 0, 1)
    for band in range(BANDS):
        MinhashDedupBuckets(signatures, buckets, config=config).run(None, band, BANDS)
    MinhashDedupCluster(buckets, clusters, config=config, save_cluster_id=True).run(None, 0, 1)
    seconds = time.process_time() - begin
    of = [-1 - n for n in range(len(texts))]
    for file in pathlib.Path(clusters).glob("*.clusters"):
        for document, cluster in struct.iter_unpack("<II", file.read_bytes()):
            of[document] = cluster
    return seconds, of


def run_rensa(texts):
    """-> seconds with making shingles of words between spaces, and without."""
    from rensa import RMinHashDeduplicator

    begin = time.process_time()
    made = [shingles(text) for text in texts]
    middle = time.process_time()
    dedup = RMinHashDeduplicator(threshold=0.7, num_perm=BANDS * ROWS, use_lsh=True, num_bands=BANDS, seed=1)
    dedup.add_pairs((str(n), runs) for n, runs in enumerate(made))
    end = time.process_time()
    return end - begin, end - middle


def pairs_of(clusters):
    members = collections.defaultdict(list)
    for number, cluster in enumerate(clusters):
        members[cluster].append(number)
    return {pair for group in members.values() for pair in itertools.combinations(group, 2)}


def scores(clusters, truth):
    found = pairs_of(clusters)
    right = len(found & truth.keys())
    precision, recall = right / max(len(found), 1), right / len(truth)
    by_rate = {}
    for rate in RATES:
        of_rate = [pair for pair, r in truth.items() if r == rate]
        by_rate[rate] = sum(pair in found for pair in of_rate) / max(len(of_rate), 1)
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall, by_rate


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reka", default="build/release/bin/reka")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    texts, truth = planted()
    seconds, clusters = collections.defaultdict(list), {}
    with tempfile.TemporaryDirectory() as folder:
        corpus = pathlib.Path(folder) / "corpus.jsonl"
        corpus.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        for repeat in range(options.repeats):
            work = pathlib.Path(folder) / str(repeat)
            work.mkdir()
            whole, sketches, clusters["reka"] = run_reka(options.reka, corpus, work)
            seconds["reka"].append(whole)
            seconds["reka, shingles given"].append(sketches)
            taken, clusters["datatrove"] = run_datatrove(texts, work)
            seconds["datatrove"].append(taken)
            whole, sketches = run_rensa(texts)
            seconds["rensa"].append(whole)
            seconds["rensa, shingles given"].append(sketches)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    print(f"{len(texts)} texts, {megabytes:.1f} MB, {len(truth)} planted pairs, medians of {options.repeats}")
    ours = statistics.median(seconds["reka"])
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        print(f"{name:22} {len(texts) / middle:10.0f} texts/s {megabytes / middle:8.1f} MB/s "
              f"{middle / ours:8.1f} x reka's time")
    f1 = {}
    for name, found in clusters.items():
        f1[name], precision, recall, by_rate = scores(found, truth)
        print(f"{name:22} F1 {f1[name]:.4f} precision {precision:.4f} recall {recall:.4f}; recall by rate "
              + " ".join(f"{rate}:{share:.3f}" for rate, share in by_rate.items()))
    failures = []
    if statistics.median(seconds["datatrove"]) < 20 * ours:
        failures.append("reka is not 20 times as fast as datatrove")
    for scope in ("", ", shingles given"):
        if statistics.median(seconds["rensa" + scope]) < statistics.median(seconds["reka" + scope]):
            failures.append(f"reka is slower than rensa{scope}")
    if f1["reka"] < f1["datatrove"] - 0.005:
        failures.append("reka's F1 is more than 0.5 points below datatrove's")
    for failure in failures:
        print(f"minhash: {failure}", file=sys.stderr)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
