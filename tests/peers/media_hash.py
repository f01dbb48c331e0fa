#!/usr/bin/env python3
"""PDQ hashes of pictures by pdqhash (Facebook's own code), of the same pixels.

  media_hash.py CORPUS     the emoji of the starter corpus (CORPUS: the folder of fetched packages)
    --most 400             pictures; as many again are made from them in other sizes

Of each hash, of the picture and of its seven other symmetries, at most 2 of 256 bits may differ, as
floats next to the median may round to either side; qualities by 1 in 100.

Needs: pip install pdqhash numpy pillow
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pdqhash
from PIL import Image

ROOT = pathlib.Path(__file__).parent.parent.parent
# Of pdqhash.compute_dihedral: as it is, rotated by 90, 180, 270, flipped along X, along Y, over both
# diagonals; ours is 1 mirrored, 2 upside down, 4 then transposed.
ORDER = [0, 5, 3, 6, 2, 1, 4, 7]


def compare(line, pixels):
    """Wrong bits of each hash, and the difference of the qualities. pdqhash gives the last bit first."""
    plain, quality = pdqhash.compute(pixels)
    turned, _ = pdqhash.compute_dihedral(pixels)
    pairs = [(0, plain), *zip(ORDER, turned, strict=True)]
    ours = [np.array(list(hash), np.uint8) for hash in line["hashes"]]
    return [int(np.sum(ours[n] != theirs[::-1])) for n, theirs in pairs], abs(line["quality"] - quality)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("--most", type=int, default=400)
    parser.add_argument("--tool", default=ROOT / "build/release/tests/peers/peers_media_hash")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lines = subprocess.run([options.tool, "hash", ROOT / "configs/data/quickstart.yaml", options.corpus,
                                "emoji", str(options.most), folder],
                               text=True, stdout=subprocess.PIPE, check=True).stdout.splitlines()
        lines = [json.loads(line) for line in lines]
        pictures = [np.fromfile(folder / f"{n}.rgb", np.uint8).reshape(line["height"], line["width"], 3)
                    for n, line in enumerate(lines)]
        # The emoji are of one size: also in others, odd and even, on both sides of 64 and 128.
        made = []
        for n, picture in enumerate(pictures):
            size = (40 + 37 * n % 500, 30 + 53 * n % 600)
            made.append(np.array(Image.fromarray(picture).resize(size, Image.BICUBIC)))
            Image.fromarray(made[-1]).save(folder / f"{n}.png")
        more = subprocess.run([options.tool, "files", *(folder / f"{n}.png" for n in range(len(made)))],
                              text=True, stdout=subprocess.PIPE, check=True).stdout.splitlines()
        lines += [json.loads(line) for line in more]
        pictures += made
    if not pictures:
        sys.exit("media_hash: no picture: run scripts/fetch_corpus first")
    wrong, quality = zip(*(compare(line, picture) for line, picture in zip(lines, pictures, strict=True)))
    bits = np.array(wrong)
    print(f"media_hash: {len(pictures)} pictures, each plain and in 8 symmetries: {np.sum(bits > 0)} of {bits.size} hashes "
          f"differ, by at most {bits.max()} bits of 256; qualities by at most {max(quality)}")
    if bits.max() > 2 or max(quality) > 1:
        sys.exit("media_hash: differs from pdqhash")


if __name__ == "__main__":
    main()
