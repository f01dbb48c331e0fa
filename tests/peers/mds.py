#!/usr/bin/env python3
"""Small MDS folders in tests/golden/mds, written by MosaicML Streaming.

  mds.py --write     writes them
  mds.py             checks that Streaming still writes the same bytes

Needs: pip install mosaicml-streaming numpy pillow
"""
import filecmp
import pathlib
import shutil
import sys
import tempfile

import numpy as np
from PIL import Image
from streaming.base.format.mds.writer import MDSWriter

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "mds"


def picture():
    return Image.fromarray(np.arange(6 * 4 * 3, dtype=np.uint8).reshape(4, 6, 3))


def write(root):
    texts = {"columns": {"text": "str", "id": "int", "language": "str"}, "size_limit": 480}
    for name, more in {"plain": {"hashes": ["blake2b", "sha1", "xxh3_128", "xxh64"]},
                       "zstd": {"compression": "zstd:7", "hashes": ["sha256", "xxh3_64"]},
                       "gz": {"compression": "gz"}}.items():
        with MDSWriter(out=str(root / name), **texts, **more) as out:
            for n in range(7):
                out.write({"text": f"text {n}: grün, 文字", "id": 100 + n, "language": "de"})
    tokens = {"bytes": ("bytes", lambda ids: ids.astype(np.int64).tobytes()),
              "u16": ("ndarray:uint16", lambda ids: ids.astype(np.uint16)),
              "i32": ("ndarray:int32:5", lambda ids: ids.astype(np.int32)),
              "free": ("ndarray", lambda ids: ids.astype(np.uint32)),
              "json": ("json", lambda ids: ids.tolist())}
    for name, (encoding, of) in tokens.items():
        with MDSWriter(out=str(root / f"tokens_{name}"), columns={"tokens": encoding}) as out:
            for n in range(3):
                out.write({"tokens": of(np.arange(300 + n, 305 + n))})
    columns = {"image": "png", "text": "str", "score": "float32", "meta": "json"}
    with MDSWriter(out=str(root / "pictures"), columns=columns) as out:
        out.write({"image": picture(), "text": "a picture", "score": 0.5, "meta": {"a": [1]}})


def main():
    if "--write" in sys.argv:
        shutil.rmtree(GOLDEN, ignore_errors=True)
        return write(GOLDEN)
    with tempfile.TemporaryDirectory() as folder:
        write(pathlib.Path(folder))
        names = sorted(str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*.*"))
        # Pillow and gzip may pack otherwise than they did; what is unpacked is the same.
        names = [name for name in names if not name.startswith(("gz/", "zstd/", "pictures/"))]
        match, differ, absent = filecmp.cmpfiles(GOLDEN, folder, names, shallow=False)
    print(f"mds: {len(match)} of {len(names)} files are those of tests/golden/mds")
    sys.exit(bool(differ or absent))


main()
