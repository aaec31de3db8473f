"""The store keeps what it was given, whatever is loaded again, at once, or interrupted."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.columns import interval_parts
from gridhall.columns.interval_days import Days, days_of, in_order, merged
from gridhall.columns.interval_log import CHECKPOINT, LogConflict
from gridhall.columns.interval_store import Store
from gridhall.rules.interval_use import ESTIMATED, MEASURED, MISSING, REVISED
from tests.intervals.made import AT, FIRST, MONTH, UNIT, as_dict, days, everything, files, load


def test_what_is_loaded_is_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first, second = days([3, 1, 2]), days([9, 8], steps=24, seed=2, quality=True)
    assert load(store, first).written == 9
    assert load(store, second).written == 6
    assert everything(store) == as_dict(first) | as_dict(second)


def test_the_same_again_is_harmless(tmp_path: Path) -> None:
    store = Store(tmp_path)
    given_days = days([1, 2], quality=True)
    load(store, given_days)
    before = files(tmp_path)
    again = load(store, given_days)
    assert (again.given, again.written, again.known) == (6, 0, 6)
    assert files(tmp_path) == before
    assert store.log.state().number == 1


def test_a_day_in_pieces_is_put_together(tmp_path: Path) -> None:
    """Two deliveries of half a day each, in one load and in two."""
    halves = [
        days_of([1], [FIRST], [60], [[5] * 12 + [0] * 12], [[MEASURED] * 12 + [MISSING] * 12]),
        days_of([1], [FIRST], [60], [[0] * 12 + [7] * 12], [[MISSING] * 12 + [MEASURED] * 12]),
    ]
    apart, together = Store(tmp_path / "a"), Store(tmp_path / "b")
    for half in halves:
        load(apart, half)
    with together.load(AT, "test") as loading:
        for half in halves:
            loading.add(half, np.array([UNIT]))
        loading.commit()
    want = {(1, FIRST): ([5] * 12 + [7] * 12, [MEASURED] * 24)}
    assert everything(apart) == everything(together) == want
    assert together.log.state().number == 1


def test_a_reading_again_goes_over_the_old_one_and_loses_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, days_of([1], [FIRST], [60], [[10] * 24]), at=AT)
    load(store, days_of([1], [FIRST], [60], [[10] * 23 + [99]]), at=AT + timedelta(days=2))
    assert everything(store) == {(1, FIRST): ([10] * 23 + [99], [MEASURED] * 23 + [MEASURED | REVISED])}
    assert everything(store, AT + timedelta(days=1)) == {(1, FIRST): ([10] * 24, [MEASURED] * 24)}
    assert everything(store, AT - timedelta(days=1)) == {}
    assert [each.wh[-1] for each in store.snapshot().versions(1, FIRST)] == [10, 99]


def test_an_estimate_gives_way_to_what_is_measured(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, days_of([1], [FIRST], [60], [[4] * 24], [[ESTIMATED] * 24]))
    load(store, days_of([1], [FIRST], [60], [[4] * 12 + [5] * 12]))
    bits = [MEASURED | REVISED] * 24
    assert everything(store) == {(1, FIRST): ([4] * 12 + [5] * 12, bits)}


def test_gathering_the_files_changes_nothing_that_is_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    moments = [AT + timedelta(days=k) for k in range(6)]
    for k, moment in enumerate(moments):
        load(store, days([1, 2, 3 + k], seed=k), at=moment)
    then = [everything(store, moment) for moment in moments]
    versions = [each.wh.tolist() for each in store.snapshot().versions(2, FIRST + 1)]
    held = store.snapshot()
    assert store.compact(moments[-1]) == 6 - 2
    assert [everything(store, moment) for moment in moments] == then
    assert everything(store) == then[-1]
    assert [each.wh.tolist() for each in store.snapshot().versions(2, FIRST + 1)] == versions
    # a reader that began before goes on with the files it knows; later they are deleted
    assert len(held.register(1, [MONTH])) == 3
    assert store.tidy(time.time()) == 0
    assert store.tidy(time.time() + 7200) == 6
    assert [everything(store, moment) for moment in moments] == then
    load(store, days([1], seed=77), at=moments[-1] + timedelta(days=1))
    store.compact(moments[-1])
    assert [everything(store, moment) for moment in moments] == then


def test_a_load_left_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.load(AT, "test") as loading:
        loading.add(days([1]), np.full(3, UNIT))
    assert everything(store) == {}
    assert files(tmp_path) == set()
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".load-")]


def test_bounds_are_looked_at() -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        days_of([1], [FIRST], [60], [[2**31] + [0] * 23])
    with pytest.raises(ValueError, match="between 0 and"):
        days_of([1], [FIRST], [60], [[-1] + [0] * 23])
    with pytest.raises(ValueError, match="twice"):
        days_of([1, 1], [FIRST, FIRST], [60, 60], [[0] * 24, [1] * 24])
    with pytest.raises(ValueError, match="7 minutes"):
        days_of([1], [FIRST], [7], [[0] * 24])
    with pytest.raises(ValueError, match="without steps"):
        days_of([1], [FIRST], [60], [[]])


def test_row_groups_end_with_a_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interval_parts, "GROUP_ROWS", 10)
    store = Store(tmp_path)
    whole = days(list(range(1, 24)), day_count=4, steps=24)
    load(store, whole)
    part = store.log.state().parts[0]
    bounds = interval_parts.group_bounds(store.folder, part.path)
    assert [low for low, _, _ in bounds][1:] == [high + 1 for _, high, _ in bounds][:-1]
    ranges = store.snapshot().ranges(MONTH, UNIT, 10)
    assert len(ranges) > 5
    found: dict[tuple[int, int], object] = {}
    for low, high in ranges:
        found |= as_dict(store.snapshot().read(MONTH, UNIT, low, high))
    assert found == as_dict(whole)


def test_loads_at_once_lose_nothing(tmp_path: Path) -> None:
    """Eight threads write halves and wholes of the same days; every step that one of them measured is there."""

    def work(k: int) -> None:
        steps = [[step if step % 8 == k else 0 for step in range(24)]]
        bits = [[MEASURED if step % 8 == k else MISSING for step in range(24)]]
        for turn in range(3):
            load(Store(tmp_path), days_of([5], [FIRST + turn], [60], steps, bits))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert everything(Store(tmp_path)) == {(5, FIRST + k): (list(range(24)), [MEASURED] * 24) for k in range(3)}
    assert Store(tmp_path).log.state().number == 24


def test_without_looking_again_steps_would_be_lost(tmp_path: Path) -> None:
    """The control of the test above: a commit that does not look at what came between is refused by the log."""
    store = Store(tmp_path)
    load(store, days([1]))
    base = store.log.state()
    load(store, days([1], seed=2))
    with pytest.raises(LogConflict):
        store.log.commit(base, "load", AT.isoformat(), "", [], [], [(MONTH, UNIT)])
    store.log.commit(base, "load", AT.isoformat(), "", [], [], [(MONTH, UNIT + 1)])


def test_a_long_log_is_opened_at_its_last_checkpoint(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for k in range(CHECKPOINT + 3):
        load(store, days([k + 1], day_count=1, steps=24, seed=k))
    for entry in (tmp_path / "log").glob("0*.json"):
        if int(entry.stem) <= CHECKPOINT:
            entry.unlink()
    assert len(everything(Store(tmp_path))) == CHECKPOINT + 3


KILLED = """
import sys
from datetime import timedelta
from pathlib import Path
from gridhall.columns.interval_store import Store
from tests.intervals.made import AT, days, load
store = Store(Path(sys.argv[1]))
for k in range(int(sys.argv[2]), 10_000):
    print(k, flush=True)
    load(store, days(list(range(1, 40)), seed=k), at=AT + timedelta(minutes=k))
    if k % 3 == 2:
        store.compact(AT + timedelta(minutes=k))
"""


def test_killed_anywhere_nothing_is_half(tmp_path: Path) -> None:
    """A process that loads and compacts is killed again and again: the store is always that of a whole load."""
    rng = random.Random(20261125)
    begun = 0
    before: dict[tuple[int, int], list[int]] = {}
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path), str(begun)], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(rng.randint(1, 4))]
        time.sleep(rng.random() * 0.06)
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0].split()
        last = int(rest[-1]) if rest else told[-1]
        found = {key: wh for key, (wh, _) in everything(Store(tmp_path)).items()}
        wanted = [k for k in (last - 1, last) if k >= begun]
        whole = [{key: wh for key, (wh, _) in as_dict(days(list(range(1, 40)), seed=k)).items()} for k in wanted]
        assert found in whole or (last == begun and found == before)
        begun, before = last + 1, found
    assert Store(tmp_path).tidy(time.time() + 7200) >= 0
    assert {key: wh for key, (wh, _) in everything(Store(tmp_path)).items()} == before


Row = tuple[int, int, list[int], list[int]]


@st.composite
def loads(draw: st.DrawFn) -> list[list[Row]]:
    """Some loads over few registers and days, so that they meet."""
    result = []
    for _ in range(draw(st.integers(1, 5))):
        rows = {}
        for _ in range(draw(st.integers(1, 4))):
            bits = draw(st.lists(st.sampled_from([MISSING, MEASURED, ESTIMATED]), min_size=24, max_size=24))
            wh = [draw(st.integers(0, 9)) if bit else 0 for bit in bits]
            key = draw(st.integers(1, 3)), FIRST + 29 + draw(st.integers(0, 2))
            rows[key] = (*key, wh, bits)
        result.append(list(rows.values()))
    return result


@settings(max_examples=40, deadline=None)
@given(loads(), st.booleans())
def test_the_store_is_what_the_rule_says(
    tmp_path_factory: pytest.TempPathFactory, given_loads: list[list[Row]], gather: bool
) -> None:
    """Against a dictionary that walks the rule step by step in plain Python; over the turn of a month."""
    from gridhall.rules.interval_use import merged_step

    store = Store(tmp_path_factory.mktemp("store"))
    want: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
    for rows in given_loads:
        load(
            store,
            days_of(
                [r[0] for r in rows], [r[1] for r in rows], [60] * len(rows), [r[2] for r in rows], [r[3] for r in rows]
            ),
        )
        for register, day, wh, bits in rows:
            old = want.get((register, day), ([0] * 24, [MISSING] * 24))
            steps = [merged_step(*each) for each in zip(*old, wh, bits, strict=True)]
            want[register, day] = ([step[0] for step in steps], [step[1] for step in steps])
        if gather:
            store.compact(AT)
    assert everything(store) == want


def test_merging_leaves_out_what_says_nothing() -> None:
    old = days([1, 2, 4])
    empty = merged(old, days([2]))
    assert isinstance(empty, Days)
    again = old.take(np.array([3, 4]))
    assert len(merged(old, again)) == 0
    coarse = in_order(
        again.register, again.day, np.full(2, 60), np.array([0, 24, 48]), np.zeros(48, np.int64), np.zeros(0, np.uint8)
    )
    assert len(merged(old, coarse)) == 2
