"""The late-charge terms by class of customer and due day, as the supplier has entered them."""

import threading
import time
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridhall.ledger.models import LateTerm

Ints = npt.NDArray[np.int64]

_KEEP_SECONDS = 60  # a new term is seen by every process within a minute; it is entered ahead of its day
_guard = threading.Lock()
_kept: tuple[float, "Terms"] | None = None


@dataclass(frozen=True)
class Terms:
    """By class: the days from which terms hold (rising), and the row of each: rate, carried rate, first day (1: the day
    after the due day), inclusive, minimum, cap in thousandths."""

    days: dict[int, list[int]]
    rows: dict[int, list[tuple[int, int, int, int, int, int]]]

    def row(self, class_code: int, due_day: int) -> tuple[int, int, int, int, int, int]:
        """The terms for a debt that fell due on a day; without any, no late charge arises (all zero)."""
        at = bisect_right(self.days.get(class_code, []), due_day) - 1
        return self.rows[class_code][at] if at >= 0 else (0, 0, 1, 1, 0, 0)


def current() -> Terms:
    """The terms, read anew when they are older than a minute."""
    global _kept
    kept = _kept
    if kept is not None and time.monotonic() - kept[0] < _KEEP_SECONDS:
        return kept[1]
    days: dict[int, list[int]] = {}
    rows: dict[int, list[tuple[int, int, int, int, int, int]]] = {}
    for term in LateTerm.objects.order_by("class_code", "since"):
        days.setdefault(term.class_code, []).append(term.since.toordinal())
        rows.setdefault(term.class_code, []).append(
            (term.rate, term.rate_carried, term.first_day, int(term.inclusive), term.minimum, term.cap_permille)
        )
    found = Terms(days, rows)
    with _guard:
        _kept = (time.monotonic(), found)
    return found


def forget() -> None:
    """Read the terms anew at the next question (after they were changed here)."""
    global _kept
    with _guard:
        _kept = None


def rows(class_code: Ints, due_day: Ints) -> Ints:
    """The terms of each item: shape (n, 6)."""
    if not len(class_code):
        return np.zeros((0, 6), np.int64)
    found = current()
    pairs, inverse = np.unique(np.stack((class_code, due_day)), axis=1, return_inverse=True)
    table = np.array([found.row(code, day) for code, day in pairs.T.tolist()], np.int64)
    return table[inverse.reshape(-1)]
