"""Make the font that reports are drawn with: NanumGothic's letters for modern Hangul and Latin, without hints.

    python tools/make_report_font.py NanumGothic.ttf bot/reports/fonts/garim-gothic.ttf

The source is the font of that name by Naver, as Debian's fonts-nanum or PyPI's koreanize-matplotlib carry it. Its
licence (SIL OFL 1.1) reserves the name for the unmodified font, so the cut one is called Garim Gothic.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

LETTERS = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *range(0x2010, 0x2027),
    *range(0x2190, 0x2194),
    *range(0x3131, 0x318F),
    *range(0xAC00, 0xD7A4),
)
FAMILY = "Garim Gothic"
_FAMILY, _STYLE, _UNIQUE, _FULL, _POSTSCRIPT = 1, 2, 3, 4, 6
_KEPT = {0, 13, 14}
"""Copyright, licence and the licence's address. Source: OpenType, "Naming Table", Name IDs."""


def main(source: Path, target: Path) -> None:
    """Write the cut font."""
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, drop_tables=["TSI+", "DSIG"])
    font = TTFont(source)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=LETTERS)
    cutter.subset(font)
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in _KEPT]
    called = {_FAMILY: FAMILY, _STYLE: "Regular", _UNIQUE: f"{FAMILY} 1", _FULL: FAMILY, _POSTSCRIPT: "GarimGothic"}
    for name_id, words in called.items():
        names.setName(words, name_id, 3, 1, 0x409)
    font.save(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
