"""200 malformed files of readings: each a clear report, nothing imported by half, memory bounded."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from django.db import connection

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.metering import public as metering
from tests.importing import malformed
from tests.metering.homes import ACTOR, homes

pytestmark = pytest.mark.django_db

FILES = 200
GROWTH_MOST = 200 << 20


@pytest.fixture(autouse=True)
def late_in_2026() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 25, 8, 0, tzinfo=UTC)):
        yield


def rows_of(rng: random.Random) -> malformed.Rows:
    """Twelve meters of 40 in any order, each with a value of five digits and one decimal."""
    meters = rng.sample(range(40), 12)
    return [[f"M{k:06d}", f"{rng.randrange(10, 90_000)}.{rng.randrange(10)}", malformed.DAY] for k in meters]


def stored() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reading WHERE kind <> 4")
        return int(cursor.fetchone()[0])


def forget() -> None:
    """Take the readings away again, so that the next file meets the same town."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reading WHERE kind <> 4")
        cursor.execute("DELETE FROM metering_heldreading")
        cursor.execute("DELETE FROM metering_readingbatch")


def test_each_is_reported_and_nothing_is_taken_by_half(tmp_path: Path) -> None:
    homes(40)
    names = sorted(malformed.KINDS)
    process = psutil.Process()
    peak = start = process.memory_info().rss
    for n in range(FILES):
        name, rng = names[n % len(names)], random.Random(n)
        if n >= len(names) and name in ("zip bomb", "zip bomb that lies"):
            name = rng.choice([each for each in names if "bomb" not in each])
        path = tmp_path / f"{n}.csv"
        expected = malformed.KINDS[name](path, rows_of(rng), rng)
        path = path if path.exists() else path.with_suffix(".xlsx")
        check(path, expected, f"{n} {name}")
        peak = max(peak, process.memory_info().rss)
        forget()
        path.unlink()
    assert peak - start < GROWTH_MOST, f"memory grew by {(peak - start) >> 20} MiB"


def check(path: Path, expected: malformed.Expected, name: str) -> None:
    dry = metering.Options(dry_run=True)
    options = metering.Options(refused_to=path.with_name("refused" + path.suffix))
    if expected.file:
        for way in (dry, options):
            with pytest.raises(Refusal) as refused:
                metering.import_readings(ACTOR, path, way)
            assert refused.value.code == expected.file, name
            assert refused.value.en, name
            assert refused.value.zh, name
        assert stored() == 0, name
        return
    foreseen = metering.import_readings(ACTOR, path, dry)
    assert stored() == 0, name
    done = metering.import_readings(ACTOR, path, options)
    assert (foreseen.accepted, foreseen.held, foreseen.refused) == (done.accepted, done.held, done.refused), name
    assert done.by_code == ({expected.row: expected.refused} if expected.row else {}), name
    assert done.accepted + done.held == expected.taken == stored(), name
    assert done.rows == expected.taken + expected.refused, name
    for row in done.refused:
        assert row.row > 1, name
        assert row.field, name
    with pytest.raises(Refusal) as again:
        metering.import_readings(ACTOR, path)
    assert again.value.code == "same_file", name
    if done.refused_file is not None:
        feed_back(done.refused_file, expected, name)
        done.refused_file.unlink()


def feed_back(path: Path, expected: malformed.Expected, name: str) -> None:
    """The file of refused rows reads as one of readings; uncorrected, each of its rows is refused once more."""
    before = stored()
    again = metering.import_readings(ACTOR, path, metering.Options(dry_run=True))
    assert (again.rows, len(again.refused)) == (expected.refused, expected.refused), name
    assert again.accepted + again.held == 0, name
    assert stored() == before, name


@pytest.mark.storm
def test_one_line_of_a_gigabyte(tmp_path: Path) -> None:
    homes(1)
    process = psutil.Process()
    start = process.memory_info().rss
    path = tmp_path / "long.csv"
    malformed._long_line(path, rows_of(random.Random(1)), random.Random(1), size=1 << 30)
    with pytest.raises(Refusal) as refused:
        metering.import_readings(ACTOR, path)
    assert refused.value.code == "line_too_long"
    assert process.memory_info().rss - start < 32 << 20
    assert stored() == 0
