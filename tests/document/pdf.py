"""Reads a PDF back with other programs than the one that made it: poppler, qpdf, zbar."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

MM_PER_POINT = 25.4 / 72


@dataclass(frozen=True)
class Word:
    text: str
    left_mm: float
    top_mm: float
    right_mm: float
    bottom_mm: float


def _run(*command: str, pdf: bytes) -> bytes:
    done = subprocess.run(command, input=pdf, capture_output=True, check=True)
    return done.stdout


def squeezed(text: str) -> str:
    """Without any gap: poppler sees one where Typst leaves air between Chinese and Latin letters."""
    return re.sub(r"[\s\u200b]+", "", text)


def text_of(pdf: bytes) -> str:
    return squeezed(_run("pdftotext", "-raw", "-", "-", pdf=pdf).decode())


def info_of(pdf: bytes) -> dict[str, str]:
    lines = _run("pdfinfo", "-", pdf=pdf).decode().splitlines()
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def words_of(pdf: bytes) -> list[Word]:
    """Every word with its box on the page."""
    page = ElementTree.fromstring(_run("pdftotext", "-bbox", "-", "-", pdf=pdf))
    return [
        Word(
            word.text or "",
            *(float(word.attrib[edge]) * MM_PER_POINT for edge in ("xMin", "yMin", "xMax", "yMax")),
        )
        for word in page.iter("{http://www.w3.org/1999/xhtml}word")
    ]


def qr_codes_of(pdf: bytes) -> list[str]:
    """What a phone reads from each page."""
    with TemporaryDirectory() as folder:
        _run("pdftoppm", "-r", "150", "-png", "-", f"{folder}/page", pdf=pdf)
        pages = sorted(str(page) for page in Path(folder).iterdir())
        seen = subprocess.run(["zbarimg", "--raw", "-q", *pages], capture_output=True, check=False)
    return seen.stdout.decode().splitlines()


def assert_sound(pdf: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "document.pdf"
        path.write_bytes(pdf)
        checked = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
