#!/usr/bin/env python3
"""tests/golden/fonts/pictures.ttf: a font of two pictures in a CBDT table, written by fontTools.

  font.py

Needs: pip install fonttools
"""
import pathlib

from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib import newTable
from fontTools.ttLib.tables.BitmapGlyphMetrics import SmallGlyphMetrics
from fontTools.ttLib.tables.C_B_D_T_ import cbdt_bitmap_format_17
from fontTools.ttLib.tables.E_B_L_C_ import Strike, eblc_index_sub_table_1
from fontTools.ttLib.tables.E_B_L_C_ import SbitLineMetrics
from fontTools.ttLib.tables._g_l_y_f import Glyph

GOLDEN = pathlib.Path(__file__).parent.parent / "golden"
NAMES = [".notdef", "grin", "heart"]
PICTURES = {"grin": "media/rgb.png", "heart": "media/grey.png"}


def line_metrics():
    metrics = SbitLineMetrics()
    for name in ("ascender", "descender", "widthMax", "caretSlopeNumerator", "caretSlopeDenominator",
                 "caretOffset", "minOriginSB", "minAdvanceSB", "maxBeforeBL", "minAfterBL", "pad1", "pad2"):
        setattr(metrics, name, 0)
    return metrics


def picture(font, path):
    glyph = cbdt_bitmap_format_17(b"", font)
    glyph.metrics = SmallGlyphMetrics()
    glyph.metrics.height = glyph.metrics.width = glyph.metrics.Advance = 32
    glyph.metrics.BearingX = glyph.metrics.BearingY = 0
    glyph.imageData = (GOLDEN / path).read_bytes()
    return glyph


def main():
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(NAMES)
    builder.setupCharacterMap({0x1F600: "grin", 0x2764: "heart"})
    builder.setupGlyf({name: Glyph() for name in NAMES})
    builder.setupHorizontalMetrics({name: (1000, 0) for name in NAMES})
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "Pictures", "styleName": "Regular"})
    builder.setupPost()
    font = builder.font
    strike = Strike()
    table = strike.bitmapSizeTable
    table.hori, table.vert = line_metrics(), line_metrics()
    table.colorRef, table.ppemX, table.ppemY, table.bitDepth, table.flags = 0, 32, 32, 32, 1
    table.startGlyphIndex, table.endGlyphIndex = 1, 2
    subtable = eblc_index_sub_table_1(b"", font)
    subtable.names, subtable.indexFormat, subtable.imageFormat = list(PICTURES), 1, 17
    subtable.firstGlyphIndex, subtable.lastGlyphIndex = 1, 2
    strike.indexSubTables = [subtable]
    font["CBLC"], font["CBDT"] = newTable("CBLC"), newTable("CBDT")
    font["CBLC"].version = font["CBDT"].version = 3.0
    font["CBLC"].strikes = [strike]
    font["CBDT"].strikeData = [{name: picture(font, path) for name, path in PICTURES.items()}]
    font["head"].created = font["head"].modified = 0
    font.recalcTimestamp = False
    (GOLDEN / "fonts").mkdir(exist_ok=True)
    font.save(GOLDEN / "fonts" / "pictures.ttf")


main()
