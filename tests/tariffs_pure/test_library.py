"""Gridhall as a library: the page that shows it, run from top to bottom; and the package alone, without the web."""

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from gridhall.tariffs.library import bills, read_tariffs

ROOT = Path(__file__).parents[2]
RECORD = '{"label": "flat", "energyratestructure": [[{"rate": 0.1}]], "mincharge": 75}'
WITHOUT_WEB = "import sys\nassert not [name for name in sys.modules if name.split('.')[0] in ('django', 'psycopg')]\n"


def test_the_page_runs_from_top_to_bottom_without_the_web(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "howto" / "library.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 6
    code = "\n".join(blocks) + WITHOUT_WEB
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "99.45" in done.stdout


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    path = tmp_path / "flat.json"
    path.write_text(RECORD)
    return path


def test_frames_of_either_kind_and_shape_give_the_same(flat: Path) -> None:
    """744 kWh at 0.10 are 74.40 in January, so 0.60 of the minimum of 75 is missing."""
    tariffs = read_tariffs(flat)
    wide = pl.DataFrame({"a": [1_000] * 8760, "b": [500] * 8760})
    long = pl.DataFrame({"account": ["a", "b"] * 8760, "wh": [1_000, 500] * 8760})
    by_wide = bills(tariffs, wide)
    assert by_wide.equals(bills(tariffs, long))
    assert by_wide.equals(bills(tariffs, pa.table({"a": [1_000] * 8760, "b": [500] * 8760})))
    first = by_wide.row(0, named=True)
    assert (first["account"], first["month"], first["total_minor"]) == ("a", 1, 7500)
    assert (first["energy"], first["minimum"]) == (Decimal("74.4"), Decimal("0.6"))
    quarters = pl.DataFrame({"wh": [250] * 35_040})
    assert bills(tariffs, quarters)["total"].to_list() == by_wide.filter(pl.col("account") == "a")["total"].to_list()


def test_what_is_refused_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("tariff: x\n")
    (tmp_path / "many.jsonl").write_text('{"label": "none"}\nnot json\n')
    tariffs = [*read_tariffs(tmp_path / "bad.yaml"), *read_tariffs(tmp_path / "many.jsonl")]
    told = bills(tariffs, pl.DataFrame({"wh": [0] * 8760}))
    assert told["refused"].null_count() == 0
    assert told["refused"][1:].to_list() == [
        "energyratestructure: the record states no price of energy",
        "line 2: not JSON",
    ]


@pytest.mark.parametrize(
    ("column", "word"),
    [([1.5] * 8760, "whole Wh"), ([1] * 8759, "no steps"), ([1] * 8759 + [None], "gaps"), ([-1] * 8760, "negative")],
)
def test_loads_that_are_no_year_are_refused(flat: Path, column: list[object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        bills(read_tariffs(flat), pl.DataFrame({"wh": column}))


@pytest.mark.storm
def test_the_package_alone_gives_rules_columns_and_bills(flat: Path, tmp_path: Path) -> None:
    """A wheel, installed into an empty folder: no settings, no database, no source tree."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheel, place = tmp_path / "wheel", tmp_path / "place"
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheel), str(ROOT)]
    subprocess.run(build, check=True)
    [made] = wheel.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(place), str(made)], check=True)
    code = (
        f"import sys; sys.path.insert(0, {str(place)!r})\n"
        "import gridhall.rules, gridhall.columns.intervals, polars as pl\n"
        "from gridhall.tariffs.library import bills, read_tariffs\n"
        f"assert gridhall.rules.__file__.startswith({str(place)!r})\n"
        f"print(bills(read_tariffs({str(flat)!r}), pl.DataFrame({{'wh': [1000] * 8760}}))['total_minor'][0])\n"
    )
    done = subprocess.run([sys.executable, "-c", code + WITHOUT_WEB], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "7500"), done.stderr
