"""Reading beside MosaicML Streaming (packed rows of text) and a torchvision loader (pictures): the
same rows and bytes, as many threads or workers, in turns.

    python tests/peers/bench/read.py SHARDS [--reka build/release/bin/reka] [--repeats 5]

Needs mosaicml-streaming, torchvision and what they need. Streaming gets the rows packed already, as
fixed arrays of 16-bit tokens in MDS; reka packs its rows from documents while it reads. Pictures are
decoded, resized to 224 x 224 (bicubic, antialiased) and normalised on both sides; the peer reads the
files of the shards.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import struct
import subprocess
import tempfile
import time

import numpy
import torch
import torchvision
from streaming import MDSWriter, StreamingDataset
from torchvision.transforms import v2

ROWS, BATCH = 8192, 8


def sections(shard):
    """[(offset, length)] of index, targets, media, strings, tokens, blobs (data/shards/format.h)."""
    data = shard.read_bytes()
    return data, [struct.unpack_from("<QQ", data, 72 + 24 * n) for n in range(6)]


def pictures(shards, source, folder):
    files = []
    for shard in sorted(shards.glob(f"{source}-train-*.shard")):
        data, places = sections(shard)
        begin, length = places[2]
        for at in range(begin, begin + length, 48):
            place, size = struct.unpack_from("<QQ", data, at)
            modality = struct.unpack_from("<I", data, at + 40)[0]
            if modality != 1:
                continue
            files.append(folder / f"{len(files)}.png")
            files[-1].write_bytes(data[places[5][0] + place : places[5][0] + place + size])
    return files


class Pictures(torch.utils.data.Dataset):
    def __init__(self, files):
        self.files = files
        self.transform = v2.Compose([
            v2.Resize((224, 224), v2.InterpolationMode.BICUBIC, antialias=True),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ])

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        mode = torchvision.io.ImageReadMode.RGB
        return self.transform(torchvision.io.read_image(str(self.files[index]), mode=mode))


def rate(items, batch=1):
    """Items of an iterable per second behind its first."""
    items = iter(items)
    next(items)
    begin, count = time.monotonic(), 0
    for _ in items:
        count += batch
    return count / (time.monotonic() - begin)


def streaming_rate(mds, workers):
    dataset = StreamingDataset(local=str(mds), shuffle=True, batch_size=BATCH, shuffle_seed=1)
    if workers == 0:
        return rate(dataset)
    loader = torch.utils.data.DataLoader(dataset, batch_size=BATCH, num_workers=workers)
    return rate(loader, BATCH)


def torchvision_rate(files, workers):
    torch.set_num_threads(1)
    loader = torch.utils.data.DataLoader(
        Pictures(files), batch_size=BATCH, shuffle=True, num_workers=workers
    )
    return rate(loader, BATCH)


def reka_rate(reka, shards, key, *arguments):
    command = [reka, "bench", "data", "read", str(shards), *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)[key]


def in_turns(repeats, ours, theirs):
    """Medians of both, measured one after the other each time."""
    pairs = [(ours(), theirs()) for _ in range(repeats)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shards", type=pathlib.Path)
    parser.add_argument("--reka", default="build/release/bin/reka")
    parser.add_argument("--text", nargs="+", default=["gnome_help", "vlc_messages"])
    parser.add_argument("--pictures", default="emoji")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[0, 2])
    parser.add_argument("--row-tokens", type=int, default=1024)
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp())
    try:
        mds = work / "mds"
        columns = {"tokens": f"ndarray:uint16:{options.row_tokens}"}
        draw = numpy.random.default_rng(1)
        with MDSWriter(out=str(mds), columns=columns) as out:
            for _ in range(ROWS):
                row = draw.integers(0, 8192, options.row_tokens, dtype=numpy.uint16)
                out.write({"tokens": row})
        text = [f"--source={name}" for name in options.text]
        for threads in options.threads:
            ours, theirs = in_turns(
                options.repeats,
                lambda: reka_rate(options.reka, options.shards, "rows_per_second", *text,
                                  "--row-tokens", options.row_tokens, "--threads", threads,
                                  "--rows", BATCH, "--batches", ROWS // BATCH),
                lambda: streaming_rate(mds, threads))
            print(f"rows of {options.row_tokens} tokens, {threads} threads: reka {ours:.0f}/s, "
                  f"streaming {theirs:.0f}/s, {ours / theirs:.2f} x", flush=True)
        files = pictures(options.shards, options.pictures, work)
        for threads in options.threads:
            ours, theirs = in_turns(
                options.repeats,
                lambda: reka_rate(options.reka, options.shards, "pictures_per_second",
                                  f"--source={options.pictures}", "--row-tokens", 1024,
                                  "--threads", threads, "--rows", 1, "--batches", 60),
                lambda: torchvision_rate(files, threads))
            print(f"pictures, {threads} threads: reka {ours:.0f}/s, torchvision {theirs:.0f}/s, "
                  f"{ours / theirs:.2f} x", flush=True)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
