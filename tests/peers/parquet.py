#!/usr/bin/env python3
"""Small Parquet files in tests/golden/parquet, written by pyarrow.

  parquet.py

Needs: pip install pyarrow
"""
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

GOLDEN = pathlib.Path(__file__).parent.parent / "golden"
FOLDER = GOLDEN / "parquet"


def main():
    FOLDER.mkdir(exist_ok=True)
    rows = range(7)
    texts = pa.table({
        "text": [None if n == 3 else f"text {n}: grün, 文字" for n in rows],
        "id": pa.array([None if n == 6 else 100 + n for n in rows], pa.int64()),
        "url": [f"https://example.org/{n}" for n in rows],
        "language": ["de"] * 7,
        "score": [n / 2 for n in rows]})
    pq.write_table(texts, FOLDER / "texts.parquet", row_group_size=3, compression="zstd")
    picture = (GOLDEN / "media/rgb.png").read_bytes()
    images = [picture, b"no picture"]
    pq.write_table(pa.table({"image": images, "caption": ["a picture", "none"]}),
                   FOLDER / "pictures.parquet", compression="snappy")
    pairs = [{"bytes": bytes_, "path": f"{n}.png"} for n, bytes_ in enumerate(images)]
    pq.write_table(pa.table({"image": pairs, "caption": ["a picture", "none"]}),
                   FOLDER / "imagefolder.parquet", compression="gzip")


main()
