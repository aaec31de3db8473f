"""How fast the doors are through which money comes: one part each, named as an argument (all parts without one).

teller: the tellers' TCP line (`gridhall teller serve`, a process of its own) with 2,000 sessions open at once, each of
which asks what an account owes and pays it under the batch number of the answer. First as fast as the sessions go: the
limit. Then at half of that, each session at its own steady pace: how long an answer to a payment takes. Durability is
as in production; the callers share the two cores with server and database.

results: a bank's file of a million debits read, checked, posted and reconciled, beside a bare COPY of its rows.
files: a million debits written as pain.008 files of at most 50,000, each held against its schema.
"""

from collections.abc import Callable

import _doors_debits
import _doors_teller
from _report import Figure, parser, report

PARTS: dict[str, Callable[[bool], list[Figure]]] = {
    "teller": _doors_teller.teller,
    "results": _doors_debits.results,
    "files": _doors_debits.files,
}


def main() -> None:
    flags = parser(__doc__ or "")
    flags.add_argument("parts", nargs="*", help=", ".join(PARTS))
    given = flags.parse_args()
    unknown = sorted(set(given.parts) - set(PARTS))
    if unknown:
        flags.error(f"there is no part {unknown[0]}")
    figures: list[Figure] = []
    for name in given.parts or PARTS:
        figures += PARTS[name](given.quick)
    report("doors", figures)


if __name__ == "__main__":
    main()
