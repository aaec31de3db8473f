"""A difference report of many bills is read page by page from its file."""

from pathlib import Path

import pytest

from gridhall.doors.office import differences


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(differences, "home", lambda: tmp_path)
    monkeypatch.setattr(differences, "ROWS_SHOWN", 2)
    lines = ["account,name,change", *(f"{number},N{number},-{number}.00" for number in range(1, 6))]
    (tmp_path / "report.csv").write_text("\n".join(lines) + "\n", "utf-8-sig")
    return "report.csv"


def test_every_row_stands_on_one_page(report: str) -> None:
    pages = [differences.page(report, number, 5) for number in (1, 2, 3)]
    assert [row[0] for page in pages for row in page.rows] == ["1", "2", "3", "4", "5"]
    assert [(page.before, page.after) for page in pages] == [(0, 2), (1, 3), (2, 0)]


def test_a_page_beyond_the_last_is_the_last(report: str) -> None:
    assert differences.page(report, 99, 5).rows == (("5", "N5", "-5.00"),)


def test_no_file_but_the_own(report: str) -> None:
    for path in ("gone.csv", "../../etc/passwd"):
        with pytest.raises(FileNotFoundError):
            differences.page(path, 2, 5)
