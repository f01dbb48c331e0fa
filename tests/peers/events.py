#!/usr/bin/env python3
"""A run's TensorBoard events, read by TensorBoard itself, held against its log.jsonl: every scalar of every step.

    tests/peers/events.py RUN

A resumed run has several event files; of steps that were made twice the later ones count, as in the log.
"""

import json
import pathlib
import sys

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import SCALARS, EventAccumulator

KEYS = {"loss/train": "loss", "optimizer/lr": "lr", "optimizer/grad_norm": "grad_norm",
        "speed/tokens_per_second": "tokens_per_second", "speed/peak_share": "peak_share",
        "speed/data_seconds": "data_seconds"}


def expected(run):
    """log.jsonl -> {tag: {step: value}}."""
    scalars = {}
    for line in (run / "log.jsonl").read_text().splitlines():
        entry = json.loads(line)
        values = {tag: entry.get(key, 0.0) for tag, key in KEYS.items()}
        held_out = entry.get("held_out")
        if held_out:
            values["loss/held_out"] = held_out["loss"]
            for group in ("by_modality", "by_language"):
                for name, part in held_out[group].items():
                    key = "bits_per_byte" if "bits_per_byte" in part else "loss"
                    values[f"held_out_{key}/{name}"] = part[key]
        for tag, value in values.items():
            scalars.setdefault(tag, {})[entry["step"]] = value
    return scalars


def main():
    run = pathlib.Path(sys.argv[1])
    events = EventAccumulator(str(run / "events"), size_guidance={SCALARS: 0})
    events.Reload()
    scalars = expected(run)
    tags = set(events.Tags()["scalars"])
    wrong = sorted(set(scalars) ^ tags)
    if "loss/held_out" not in tags or not any(tag.startswith("held_out_") for tag in tags):
        wrong.append("no held-out losses")
    count = 0
    for tag, values in scalars.items():
        if tag in wrong:
            continue
        found = [(event.step, np.float32(event.value)) for event in events.Scalars(tag)]
        count += len(found)
        if found != [(step, np.float32(value)) for step, value in values.items()]:
            wrong.append(tag)
    files = len(list((run / "events").iterdir()))
    print(f"events: {count} scalars of {len(scalars)} tags in {files} files equal log.jsonl" if not wrong else
          f"events: {run}: differ from log.jsonl: {', '.join(wrong)}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
