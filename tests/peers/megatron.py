#!/usr/bin/env python3
"""Small files of token ids in tests/golden/megatron, written by Megatron-LM.

  megatron.py --write     writes them
  megatron.py             checks that Megatron still writes the same bytes

Needs: pip install megatron-core numpy torch
"""
import filecmp
import pathlib
import sys
import tempfile

import numpy as np
import torch
from megatron.core.datasets.indexed_dataset import IndexedDatasetBuilder

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "megatron"
NAMES = [name + end for name in ("u16", "i32") for end in (".bin", ".idx")]


def write(root):
    """Three documents: two sequences, one, none."""
    for name, dtype, base in (("u16", np.uint16, 60000), ("i32", np.int32, 70000)):
        out = IndexedDatasetBuilder(str(root / (name + ".bin")), dtype=dtype)
        out.add_item(torch.tensor([base, 1, 2]))
        out.add_item(torch.tensor([3]))
        out.end_document()
        out.add_item(torch.tensor([4, base + 5]))
        out.end_document()
        out.end_document()
        out.finalize(str(root / (name + ".idx")))


def main():
    if "--write" in sys.argv:
        GOLDEN.mkdir(exist_ok=True)
        return write(GOLDEN)
    with tempfile.TemporaryDirectory() as folder:
        write(pathlib.Path(folder))
        match, _, _ = filecmp.cmpfiles(GOLDEN, folder, NAMES, shallow=False)
    print(f"megatron: {len(match)} of {len(NAMES)} files are those of tests/golden/megatron")
    sys.exit(len(match) != len(NAMES))


main()
