#!/usr/bin/env python3
"""Whisper's log-mel by transformers, of the signal that tests/data/mel_test.cpp makes as well.

  mel.py --write     writes tests/golden/media/mel80.f32 and mel128.f32
  mel.py             checks that those files are still what transformers computes, to 1e-6

Needs: pip install transformers numpy
"""
import pathlib
import sys

import numpy as np
from transformers import WhisperFeatureExtractor

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "media"
SAMPLES = 24123  # 1.5 s and a bit
# Columns of the padded transform: the start, the middle, the end of the signal, the silence.
COLUMNS = [0, 1, 2, 3, 10, 37, 75, 101, 148, 149, 150, 151, 152, 153, 1500, 2999]


def signal():
    """A chirp from 220 Hz and noise of a linear congruential generator, quiet in the last part."""
    state, noise = 12345, []
    for _ in range(SAMPLES):
        state = (state * 1103515245 + 12345) % 2**31
        noise.append(state / 2**30 - 1)
    t = np.arange(SAMPLES) / 16000
    x = 0.5 * np.sin(2 * np.pi * (220 + 1500 * t) * t) + 0.01 * np.array(noise)
    x[SAMPLES * 3 // 4:] *= 0.001
    return x.astype(np.float32)


def main():
    for mels in (80, 128):
        extractor = WhisperFeatureExtractor(feature_size=mels)
        # The path without torch, in double precision.
        padded = np.zeros(480000, np.float32)
        padded[:SAMPLES] = signal()
        features = extractor._np_extract_fbank_features(padded[None], "cpu")[0]
        assert features.shape == (mels, 3000), features.shape
        chosen = np.ascontiguousarray(features[:, COLUMNS], np.float32)
        path = GOLDEN / f"mel{mels}.f32"
        if "--write" in sys.argv:
            chosen.tofile(path)
        difference = np.abs(np.fromfile(path, np.float32).reshape(chosen.shape) - chosen).max()
        print(f"mel{mels}: largest difference {difference:.2e}")
        if difference > 1e-6:
            sys.exit(f"{path}: differs from transformers by {difference}: expected at most 1e-6")


if __name__ == "__main__":
    main()
