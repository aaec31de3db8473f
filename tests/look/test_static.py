"""Static files are collected with a hash in the name, packed, and only when something has changed."""

from pathlib import Path

import pytest
from django.templatetags.static import static
from pytest_django import Settings

from gridhall.doors.look import collect
from gridhall.doors.look.storage import CollectedFiles


@pytest.fixture
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = tmp_path / "static"
    return tmp_path / "static"


def test_collected_once_hashed_and_packed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert collect.collect_if_changed()
    names = {path.name for path in (root / "look").iterdir()}
    hashed = [name for name in names if name.startswith("tokens.") and name.endswith(".css") and name != "tokens.css"]
    assert len(hashed) == 1
    assert f"{hashed[0]}.gz" in names
    text = (root / "look" / hashed[0]).read_text()
    assert "inter-latin-wght-normal." in text
    assert "../vendor/inter/inter-latin-wght-normal.woff2" not in text  # the font's name is hashed too
    assert not collect.collect_if_changed()
    monkeypatch.setattr(collect, "_newest", lambda: "a file more")
    assert collect.collect_if_changed()


def test_names_are_plain_where_nothing_was_collected(root: Path) -> None:
    assert static("look/tokens.css") == "/static/look/tokens.css"
    assert CollectedFiles(location=str(root), base_url="/static/").url("look/tokens.css") == "/static/look/tokens.css"
