"""Cuts the faces of certificates out of Noto Serif CJK: python3 scripts/fonts.py FOLDER-OF-THE-TTC-FILES

The regular face keeps every character of GB 2312 and of Latin 1, the bold one only the letters of the title and the labels. The same
files come out of the same fonts and the same fontTools, byte for byte. Needs: pip install fonttools==4.68.0, and Debian's
fonts-noto-cjk 1:20220127+repack1-1, whose files lie in /usr/share/fonts/opentype/noto.
"""

import pathlib
import re
import sys

from fontTools import subset

ROOT = pathlib.Path(__file__).resolve().parent.parent
FONTS = ROOT / "assets" / "fonts"
# The place of the simplified Chinese face in the collections.
SIMPLIFIED_CHINESE = 2
PUNCTUATION = "\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u2030\u3007\u3014\u3015"
UNUSED = ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"]


def gb2312():
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield from bytes([high, low]).decode("gb2312")
            except UnicodeDecodeError:
                pass


def labels():
    """Every Chinese character of the program text that draws the paper."""
    for name in ("paper/sheet.rs", "quota/certificates/document.rs", "extracts/document.rs"):
        yield from re.findall("[\u4e00-\u9fff]", (ROOT / "src" / name).read_text())


def cut(source, characters, target):
    options = subset.Options()
    options.font_number = SIMPLIFIED_CHINESE
    options.layout_features = []
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += UNUSED
    options.recalc_timestamp = False
    font = subset.load_font(source, options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted({ord(one) for one in characters}))
    cutter.subset(font)
    subset.save_font(font, target, options)
    print(f"{target}: {target.stat().st_size} bytes")


def main(folder):
    latin = [chr(code) for code in [*range(0x20, 0x7F), *range(0xA0, 0x100)]]
    regular = [*latin, *PUNCTUATION, *gb2312()]
    cut(folder / "NotoSerifCJK-Regular.ttc", regular, FONTS / "NotoSerifSC-Regular-GB2312.otf")
    cut(folder / "NotoSerifCJK-Bold.ttc", sorted(set(labels())), FONTS / "NotoSerifSC-Bold-Labels.otf")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
