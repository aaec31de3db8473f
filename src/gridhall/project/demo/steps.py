"""`gridhall demo --check`: the whole main job, step by step; each step compares figures that were found in two ways."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gridhall.project.demo.months import Year
from gridhall.project.demo.opening import Opened
from gridhall.project.demo.town import Town


@dataclass
class Step:
    """A step of the walk: its figures, and what did not hold."""

    name: str
    seconds: float = 0.0
    figures: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        return not self.problems

    def same(self, what: str, got: object, wanted: object) -> None:
        """Compare and keep the figure; a difference is a problem of the step."""
        self.figures[what] = got
        if got != wanted:
            self.problems.append(f"{what}: {got}, not {wanted}")

    def sure(self, what: str, holds: bool) -> None:
        """A statement that must hold."""
        if not holds:
            self.problems.append(f"does not hold: {what}")

    def as_json(self) -> dict[str, Any]:
        return {
            "step": self.name, "held": self.held, "seconds": round(self.seconds, 2), "figures": self.figures,
            "problems": self.problems,
        }  # fmt: skip


@dataclass
class Walk:
    """What the steps hand on to each other."""

    folder: Path
    town: Town
    opened: Opened | None = None
    year: Year | None = None
    seen: dict[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> Opened:
        assert self.opened is not None, "the town is opened first"
        return self.opened

    @property
    def life(self) -> Year:
        assert self.year is not None, "the town lives after it is opened"
        return self.year
