#!/usr/bin/env python3
"""Whisper's log-mel by transformers, of the signal that tests/data/mel_test.cpp makes as well.

  mel.py --write            writes tests/golden/media/mel80.f32 and mel128.f32
  mel.py                    checks that those files are still what transformers computes, to 1e-6
  mel.py --recordings DIR   also compares what peers_mel computes of the sound files in DIR, and of
                            some made from them with other lengths, rates and two channels, to 1e-4

Needs: pip install transformers numpy soundfile
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import soundfile
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


def check_golden(mels, write):
    extractor = WhisperFeatureExtractor(feature_size=mels)
    # The path without torch, in double precision.
    padded = np.zeros(480000, np.float32)
    padded[:SAMPLES] = signal()
    features = extractor._np_extract_fbank_features(padded[None], "cpu")[0]
    assert features.shape == (mels, 3000), features.shape
    chosen = np.ascontiguousarray(features[:, COLUMNS], np.float32)
    path = GOLDEN / f"mel{mels}.f32"
    if write:
        chosen.tofile(path)
    difference = np.abs(np.fromfile(path, np.float32).reshape(chosen.shape) - chosen).max()
    print(f"mel: the golden {mels} bands differ by at most {difference:.1e}")
    if difference > 1e-6:
        sys.exit(f"{path}: differs from transformers by {difference}: expected at most 1e-6")


def made(recording, folder):
    """Odd lengths, two channels and other rates, as 32-bit WAV -> [(path, mono samples or None)]."""
    x = soundfile.read(recording, dtype="float32", always_2d=True)[0].mean(1)
    other = np.roll(x, 100) * 0.5
    files = []
    for length in (1, 159, 160, 161, 399, 4001, 16003):
        files.append((f"{length}.wav", x[:length], 16000, x[:length]))
    files.append(("stereo.wav", np.stack([x, other], 1), 16000, (x + other) / 2))
    for rate in (8000, 11025, 22050, 44100, 48000, 96000):
        files.append((f"{rate}.wav", np.stack([x, other], 1), rate, None))
    made = []
    for name, values, rate, mono in files:
        path = pathlib.Path(folder) / name
        soundfile.write(path, values, rate, subtype="FLOAT")
        made.append((path, mono))
    return made


def check_recordings(options):
    recordings = sorted(path for path in pathlib.Path(options.recordings).rglob("*.ogg"))[:options.most]
    if not recordings:
        sys.exit(f"mel: {options.recordings}: holds no .ogg file")
    with tempfile.TemporaryDirectory() as folder:
        files = [(path, None) for path in recordings] + made(recordings[0], folder)
        for mels in (80, 128):
            compare(files, mels, 0, options.tool, pathlib.Path(folder))
            compare(files[-30:], mels, 480000, options.tool, pathlib.Path(folder))


def compare(files, mels, pad, tool, folder):
    subprocess.run([tool, str(mels), str(pad), folder, *(path for path, _ in files)], check=True)
    extractor = WhisperFeatureExtractor(feature_size=mels)
    worst, worst_torch, worst_samples = 0.0, 0.0, 0.0
    for n, (path, mono) in enumerate(files):
        samples = np.fromfile(folder / f"{n}.samples", np.float32)
        ours = np.fromfile(folder / f"{n}.mel", np.float32).reshape(mels, -1)
        if mono is not None:
            worst_samples = max(worst_samples, np.abs(samples - mono).max())
        padded = np.zeros(max(-(-len(samples) // 160) * 160, 320, pad), np.float32)
        padded[:len(samples)] = samples
        theirs = extractor._np_extract_fbank_features(padded[None], "cpu")[0]
        worst = max(worst, np.abs(ours - theirs).max())
        if pad:  # as users call it: fp32 by torch
            whole = extractor(samples, sampling_rate=16000, return_tensors="np")["input_features"][0]
            worst_torch = max(worst_torch, np.abs(ours - whole).max())
    torch = f", from its fp32 path by {worst_torch:.1e}" if pad else ""
    print(f"mel: {len(files)} files, {mels} bands, {'30 s' if pad else 'own length'}: differ by at most {worst:.1e}"
          f"{torch}; 16 kHz samples by {worst_samples:.1e}")
    if not worst <= 1e-4 or not worst_samples <= 1e-6:
        sys.exit(f"mel: differs from transformers by {worst}, samples by {worst_samples}: expected 1e-4 and 1e-6")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--recordings")
    parser.add_argument("--most", type=int, default=200, help="recordings")
    parser.add_argument("--tool", default="build/release/tests/peers/peers_mel")
    options = parser.parse_args()
    for mels in (80, 128):
        check_golden(mels, options.write)
    if options.recordings:
        check_recordings(options)


if __name__ == "__main__":
    main()
