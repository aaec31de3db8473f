"""Slices over workers: each once, two at a time where they are many, and a failure told when nothing is at work."""

import time
from datetime import datetime
from itertools import chain

import pytest

from gridhall.billing import working
from gridhall.billing.slices import SliceDone
from gridhall.kernel import clock


@pytest.mark.parametrize("many", [0, 1, 7, 8, 9, 14, 41])
def test_each_slice_goes_to_one_worker_and_the_last_ones_alone(many: int) -> None:
    slices = [(1, n) for n in range(many)]
    parts = working._parts(slices)
    assert list(chain.from_iterable(parts)) == slices
    assert all(1 <= len(part) <= 2 for part in parts)
    assert [len(part) for part in parts[-working.LAST_ALONE :]] == [1] * min(many, working.LAST_ALONE)
    assert any(len(part) == 2 for part in parts) == (many >= working.PAIRED_FROM)


@pytest.mark.parametrize("failing", [1, 2])
def test_a_failure_is_told_after_the_other_slice_has_ended(monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    ended: list[int] = []

    def bill(run_id: int, unit_id: int, n: int, moment: datetime) -> SliceDone:
        if n == failing:
            raise RuntimeError("no room left")
        time.sleep(0.2)
        ended.append(n)
        return SliceDone(unit_id, n, 1, 0, 0, 0)

    monkeypatch.setattr(working, "bill_slice", bill)
    with pytest.raises(RuntimeError, match="no room left"):
        working._bill_together(1, [(1, 1), (1, 2)], clock.now())
    assert ended == [3 - failing]
    monkeypatch.setattr(working, "bill_slice", lambda run_id, unit_id, n, moment: SliceDone(unit_id, n, n, 0, 0, 0))
    assert [each.bills for each in working._bill_together(1, [(1, 3), (1, 4)], clock.now())] == [3, 4]
