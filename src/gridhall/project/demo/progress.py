"""How far the demo has come: a bar on a terminal, a dated line a step where the output goes to a file or a log."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Tell = Callable[[str], None]


@contextmanager
def steps(console: Console, total: int) -> Iterator[Tell]:
    """Give a function to be called at the beginning of each of `total` steps with what is done in it."""
    if not console.is_terminal:
        yield _lines(console, total)
        return
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=total)
        begun = 0

        def tell(what: str) -> None:
            nonlocal begun
            bar.update(task, description=what, completed=begun)
            begun += 1

        yield tell
        bar.update(task, completed=total)


def _lines(console: Console, total: int) -> Tell:
    began = time.monotonic()
    number = 0

    def tell(what: str) -> None:
        nonlocal number
        number += 1
        seconds = f"{time.monotonic() - began:.0f} s"
        console.print(f"[{number}/{total}] {seconds:>5}  {what}", markup=False, highlight=False, soft_wrap=True)

    return tell
