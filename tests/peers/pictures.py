#!/usr/bin/env python3
"""Small pictures, sounds and a clip in tests/golden/media, with what Pillow makes of them.

  pictures.py --write     writes them
  pictures.py             checks that Pillow still resizes and reads as it did

Needs: pip install pillow numpy av
"""
import pathlib
import sys

import av
import numpy as np
from PIL import Image, ImageOps

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "media"
SIZES = [(16, 16), (64, 64), (37, 5), (1, 1), (50, 23)]


def pattern(width, height):
    """[H, W, 3]; tests/data/image_test.cpp computes the same."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack([x * 7 + y * 3, x * x + y * 11, (x // 4 + y // 4) % 2 * 255], -1) % 256


def alpha(width, height):
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return (x * 23 + y * 5) % 256


def resized():
    image = Image.fromarray(pattern(37, 23).astype(np.uint8))
    return {f"resized_{w}x{h}.png": image.resize((w, h), Image.BICUBIC) for w, h in SIZES}


def over_white(image):
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")


def pictures():
    rgb = Image.fromarray(pattern(17, 11).astype(np.uint8))
    rgba = rgb.copy()
    rgba.putalpha(Image.fromarray(alpha(17, 11).astype(np.uint8)))
    palette = rgb.quantize(32)
    return {
        "rgb.png": (rgb, {}),
        "rgba.png": (rgba, {}),
        "grey.png": (rgb.convert("L"), {}),
        "grey_alpha.png": (rgba.convert("LA"), {}),
        "palette.png": (palette, {}),
        "palette_alpha.png": (palette, {"transparency": bytes(range(0, 256, 8))}),
        "colour_key.png": (rgb, {"transparency": tuple(int(v) for v in pattern(17, 11)[2, 3])}),
        "one_bit.png": (rgb.convert("1"), {}),
        "interlaced_grey16.png": (Image.fromarray((pattern(17, 11)[..., 0] * 257).astype(np.uint16)), {}),
        "lossless.webp": (rgba, {"lossless": True, "exact": True}),
        "lossy.webp": (rgb, {"quality": 90}),
        "rgb.jpg": (rgb.resize((40, 30)), {"quality": 95}),
        "grey.jpg": (rgb.resize((40, 30)).convert("L"), {"quality": 95}),
        "progressive.jpg": (rgb.resize((40, 30)), {"quality": 95, "progressive": True}),
        "rgb.bmp": (rgb, {}),
        "rgb.tiff": (rgb, {}),
        "rgb.ppm": (rgb, {}),
    }


def write_orientations():
    """8 JPEG files that all show red, green over blue, white."""
    corners = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)
    upright = Image.fromarray(corners).resize((48, 32), Image.NEAREST)
    undo = {1: [], 2: [0], 3: [3], 4: [1], 5: [5], 6: [2], 7: [6], 8: [4]}
    for orientation, steps in undo.items():
        stored = upright
        for step in steps:
            stored = stored.transpose(Image.Transpose(step))
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = GOLDEN / f"orientation{orientation}.jpg"
        stored.save(path, exif=exif, quality=95)
        shown = ImageOps.exif_transpose(Image.open(path))
        assert shown.size == (48, 32) and shown.getpixel((2, 2))[0] > 240, orientation


def write_sound(name, codec, rate, layout):
    """Half a second of 440 Hz at amplitude 0.5 on the left and 0.25 on the right."""
    t = np.arange(rate // 2) / rate
    wave = np.stack([0.5 * np.sin(2 * np.pi * 440 * t), 0.25 * np.sin(2 * np.pi * 440 * t)])
    with av.open(str(GOLDEN / name), "w") as out:
        stream = out.add_stream(codec, rate=rate, layout=layout, options={"strict": "experimental"})
        wanted = stream.codec_context.format.name
        frame = av.AudioFrame.from_ndarray(wave.astype(np.float32), "fltp", layout)
        frame.rate = rate
        resampler = av.AudioResampler(wanted, layout, rate, frame_size=stream.frame_size or None)
        for part in resampler.resample(frame) + resampler.resample(None):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))


def write_clip():
    """32 x 16, 10 frames a second, 8 frames: red grows from 0 to 224, the lower half is green."""
    with av.open(str(GOLDEN / "clip.mp4"), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        stream.bit_rate = 1000000
        for n in range(8):
            pixels = np.zeros((16, 32, 3), np.uint8)
            pixels[..., 0] = n * 32
            pixels[8:, :, 1] = 255
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        out.mux(stream.encode(None))


def main():
    if "--write" in sys.argv:
        for name, image in resized().items():
            image.save(GOLDEN / name, optimize=True)
        for name, (image, options) in pictures().items():
            image.save(GOLDEN / name, **options)
        for name in ("lossy.webp", "rgb.jpg", "grey.jpg", "progressive.jpg"):
            Image.open(GOLDEN / name).convert("RGB").save(GOLDEN / (name + ".png"), optimize=True)
        write_orientations()
        write_sound("tone.ogg", "vorbis", 44100, "stereo")
        write_sound("tone.mp3", "libmp3lame", 44100, "stereo")
        write_sound("tone.flac", "flac", 22050, "stereo")
        write_clip()
    worst = 0
    for name, image in resized().items():
        stored = np.asarray(Image.open(GOLDEN / name).convert("RGB"), int)
        difference = np.abs(stored - np.asarray(image, int)).max()
        worst = max(worst, difference)
        if difference > 1:
            sys.exit(f"{name}: Pillow now resizes by {difference} levels otherwise: expected at most 1")
    over = np.asarray(over_white(Image.open(GOLDEN / "rgba.png")), float)
    a = alpha(17, 11)[..., None] / 255
    want = pattern(17, 11) * a + 255 * (1 - a)
    if np.abs(over - want).max() > 1:
        sys.exit("rgba.png: Pillow composites otherwise: expected c a + 255 (1 - a)")
    print(f"pictures: {len(SIZES)} resized pictures differ from Pillow by at most {worst} of 255; composites as expected")


if __name__ == "__main__":
    main()
