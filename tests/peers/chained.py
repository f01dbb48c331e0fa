"""Writes tests/golden/media/chained.ogg: recordings of two formats one behind the other in one Ogg
file, as in klettres-data: 11025 samples of mono at 22050 Hz, then 22050 of stereo at 44100 Hz, each
a tone of 440 Hz at half of full scale.

    pip install numpy soundfile && python tests/peers/chained.py
"""

import pathlib
import tempfile

import numpy
import soundfile

golden = pathlib.Path(__file__).parents[1] / "golden" / "media"
parts = []
for rate, count, channels in ((22050, 11025, 1), (44100, 22050, 2)):
    wave = 0.5 * numpy.sin(2 * numpy.pi * 440 * numpy.arange(count) / rate)
    with tempfile.NamedTemporaryFile(suffix=".ogg") as file:
        soundfile.write(file.name, numpy.stack([wave] * channels, 1), rate, "VORBIS")
        parts.append(pathlib.Path(file.name).read_bytes())
(golden / "chained.ogg").write_bytes(b"".join(parts))
