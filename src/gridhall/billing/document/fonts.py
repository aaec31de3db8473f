"""Find a font with Chinese characters; without one no document is made."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import typst

from gridhall.billing.document.data import DocumentError

# In order of liking. All carry Latin letters and figures of even width as well, so one family does for both languages.
CHINESE_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans CJK TC",
    "Noto Sans CJK JP",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)


def choose_family(families: list[str]) -> str:
    """The best Chinese family among those at hand. Raises DocumentError when there is none."""
    by_lower_name = {family.lower(): family for family in families}
    for wanted in CHINESE_FAMILIES:
        if wanted.lower() in by_lower_name:
            return by_lower_name[wanted.lower()]
    raise DocumentError(
        "No font with Chinese characters was found; install the Debian package fonts-noto-cjk, "
        "or name a folder that holds one in GRIDHALL_FONTS."
    )


@cache
def document_fonts() -> tuple[typst.Fonts, str]:
    """The fonts for documents and the family to set them in, searched once per process.

    Looks in the folder named by GRIDHALL_FONTS first, then where the system keeps its fonts.
    """
    folder = os.environ.get("GRIDHALL_FONTS", "")
    own_folders: list[Path] = [Path(folder)] if folder else []
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=own_folders)
    return fonts, choose_family(fonts.families())
