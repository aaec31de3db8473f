"""A bank's results against our lines: which are believed, which say what was known, which are parked and why. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridhall.debits.data import CODE_UNKNOWN, RETURNED, Ints, ResultRows
from gridhall.debits.models import NOT_KNOWN

Flags = npt.NDArray[np.bool_]

LINES = 10_000_000  # a file has fewer lines: file × this + line is one number


@dataclass(frozen=True)
class OurLines:
    """The lines of the files that a result file names, by (file, line), columns of equal length. `answered`: the
    outcome known, 0 none; `out`: 1 where it was withdrawn; `on`: the day of debit."""

    file_id: Ints
    line: Ints
    account_id: Ints
    cycle_id: Ints
    attempt: Ints
    mandate_id: Ints
    amount: Ints
    number_digest: Ints
    holder_digest: Ints
    answered: Ints
    out: Ints
    on: Ints


@dataclass(frozen=True)
class Sorted:
    """Rows of a result file by what they are: `new` and `known_now` (unknown before) with the place of our line for
    each; `repeated`: how many say what was known; `parked`: (row, code, field, value, place in the rows)."""

    new: Ints
    new_at: Ints
    known_now: Ints
    known_now_at: Ints
    repeated: int
    parked: tuple[tuple[int, str, str, str, int], ...]


def sort_results(rows: ResultRows, ours: OurLines, digest: Callable[[str, str], int]) -> Sorted:
    """Sort a bank's rows. A row is believed only where line, amount and, where told, account and name are ours; a line
    that a file names twice is believed neither time. `digest(field, text)` as the mandates keep it."""
    key = rows.file_id * LINES + rows.line
    our_key = ours.file_id * LINES + ours.line
    at = np.minimum(np.searchsorted(our_key, key), max(len(our_key) - 1, 0))
    found = our_key[at] == key if len(our_key) else np.zeros(len(key), bool)
    parked: list[tuple[int, str, str, str, int]] = [
        (row, "row_unreadable", field, value, -1) for row, field, value in rows.bad
    ]
    open_ = rows.outcome != 0
    answered = np.where(found, ours.answered[at], 0) if len(our_key) else np.zeros_like(key)

    def park(where: Flags, code: str, field: str, values: Ints) -> None:
        nonlocal open_
        for place in np.flatnonzero(where & open_).tolist():
            parked.append((int(rows.row[place]), code, field, str(int(values[place])), place))
        open_ = open_ & ~where

    park(_twice(key, rows.outcome), "row_twice", "line", rows.line)
    park(~found, "line_unknown", "line", rows.line)
    if len(our_key):
        park(ours.out[at] == 1, "line_not_sent", "line", rows.line)
        park(rows.outcome == CODE_UNKNOWN, "code_unknown", "code", rows.line)
        park(
            _differs(rows.number, ours.number_digest[at], "number", open_, digest),
            "account_differs",
            "account",
            rows.line,
        )
        park(_differs(rows.holder, ours.holder_digest[at], "holder", open_, digest), "name_differs", "name", rows.line)
        park((rows.amount >= 0) & (rows.amount != ours.amount[at]), "amount_differs", "amount", rows.amount)
        park(rows.outcome == RETURNED, "returned_later", "line", rows.line)
    same = open_ & (answered == rows.outcome)
    open_ = open_ & ~same & ~((answered > 0) & (rows.outcome == NOT_KNOWN))
    park((answered > 0) & (answered != NOT_KNOWN), "answered_before", "line", rows.line)
    new, now = np.flatnonzero(open_ & (answered == 0)), np.flatnonzero(open_ & (answered == NOT_KNOWN))
    return Sorted(new, at[new], now, at[now], int(same.sum()), tuple(sorted(parked)))


def _twice(key: Ints, outcome: Ints) -> Flags:
    """Rows whose line comes more than once with a word about it."""
    said = np.flatnonzero(outcome != 0)
    values, back, counts = np.unique(key[said], return_inverse=True, return_counts=True)
    twice = np.zeros(len(key), bool)
    if len(values):
        twice[said] = counts[back] > 1
    return twice


def _differs(
    told: object, digests: Ints, field: str, open_: Flags,
    digest: Callable[[str, str], int],
) -> Flags:  # fmt: skip
    """Rows that tell another bank account (or holder) than our line has; an empty word tells nothing."""
    differs = np.zeros(len(digests), bool)
    if told is None:
        return differs
    texts: list[str] = list(told)  # type: ignore[call-overload]  # a sequence of str
    for place in np.flatnonzero(open_).tolist():
        text = texts[place]
        differs[place] = bool(text) and digest(field, text) != int(digests[place])
    return differs
