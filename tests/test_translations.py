"""Every sentence of every door has its Chinese, none is doubtful, none is missing from the catalogue."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DOORS = Path(__file__).resolve().parent.parent / "src" / "gridhall" / "doors"
CATALOGUES = sorted(DOORS.glob("*/locale/zh_Hans/LC_MESSAGES/django.po"))


def entries(text: str) -> list[tuple[str, str, list[str], list[str]]]:
    """(flags, msgid with context, translations, plural) of a catalogue; obsolete ones are left out."""
    found = []
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#~")]
        if not any(line.startswith("msgid") for line in lines):
            continue
        flags = " ".join(line for line in lines if line.startswith("#,"))
        parts: dict[str, str] = {}
        name = ""
        for line in lines:
            head = re.match(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?) "(.*)"$', line)
            if head:
                name = head.group(1)
                parts[name] = head.group(2)
            elif line.startswith('"') and name:
                parts[name] += line[1:-1]
        translations = [text for key, text in parts.items() if key.startswith("msgstr")]
        plural = [parts["msgid_plural"]] if "msgid_plural" in parts else []
        found.append((flags, parts.get("msgctxt", "") + "|" + parts["msgid"], translations, plural))
    return found


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[a-z]|%[sd]", text))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_nothing_is_left_in_english(path: Path) -> None:
    for flags, key, translations, _ in entries(path.read_text(encoding="utf-8")):
        if key == "|":
            continue
        assert "fuzzy" not in flags, key
        assert all(translations), key


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_placeholders_are_kept(path: Path) -> None:
    for _, key, translations, plural in entries(path.read_text(encoding="utf-8")):
        allowed = placeholders(key) | (placeholders(plural[0]) if plural else set())
        for text in translations:
            assert placeholders(text) <= allowed, key


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_the_catalogue_has_every_sentence(path: Path, tmp_path: Path) -> None:
    """The door's source is read anew as `makemessages` does; what it finds is in the catalogue."""
    door = path.parents[3]
    copy = tmp_path / door.name
    shutil.copytree(door, copy, ignore=shutil.ignore_patterns("*.mo", "static", "__pycache__", "migrations"))
    subprocess.run(
        ["django-admin", "makemessages", "-l", "zh_Hans", "--no-location", "--no-obsolete", "-v0"],
        cwd=copy, check=True, env=_environment(),
    )  # fmt: skip
    fresh = {key for _, key, _, _ in entries((copy / path.relative_to(door)).read_text(encoding="utf-8"))}
    kept = {key for _, key, _, _ in entries(path.read_text(encoding="utf-8"))}
    assert fresh <= kept, sorted(fresh - kept)
    assert kept <= fresh, f"no longer used: {sorted(kept - fresh)}"


def test_there_are_catalogues() -> None:
    assert {path.parts[-5] for path in CATALOGUES} >= {"look", "portal"}


def _environment() -> dict[str, str]:
    import os
    import sys

    return os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "DJANGO_SETTINGS_MODULE": ""}
