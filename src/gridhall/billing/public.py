"""Billing for the doors: runs, holds, bills and their documents.

Acts refuse with `kernel.refusal.Refusal`: not_allowed, unknown_run, wrong_state, own_run (approval by the one who
previewed), run_overlaps, unknown_bill, bill_cancelled, unknown_hold, nothing_to_bill, period_closed.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from gridhall.billing.document.data import BillDocument
from gridhall.billing.models import CANCELLED, FINAL, ISSUED, REGULAR
from gridhall.billing.views import (
    BillKey,
    BillLineView,
    BillSummary,
    BillUseView,
    BillView,
    BlockUse,
    ClassTotal,
    Difference,
    DifferenceReport,
    HoldCount,
    HoldView,
    MonthUse,
    Outlier,
    Preview,
    Progress,
    Rebilled,
    Released,
    RunView,
    TariffOfBill,
    UnitProgress,
    YearBlocks,
)
from gridhall.kernel.access import Actor

__all__ = [
    "CANCELLED", "FINAL", "ISSUED", "REGULAR",
    "BillKey", "BillLineView", "BillSummary", "BillUseView", "BillView", "BlockUse", "ClassTotal", "Difference",
    "DifferenceReport", "HoldCount", "HoldView", "MonthUse", "Outlier", "Preview", "Progress", "Rebilled", "Released",
    "RunView", "TariffOfBill", "UnitProgress", "YearBlocks",
    "abandon", "approve", "bill", "bill_document", "bills_of", "cancel_bill", "difference_of_runs",
    "difference_of_versions", "document", "holds", "months_of", "preview", "print_file", "rate_again", "rebill",
    "release_hold", "resume", "run", "run_view", "runs", "year_blocks",
]  # fmt: skip


def preview(actor: Actor, period: int, unit_ids: Sequence[int] = ()) -> RunView:
    """Look at what a run over these units (all that the actor sees, if none) would do; writes nothing but the run's row."""
    raise NotImplementedError


def approve(actor: Actor, run_id: int) -> RunView:
    """Approve a previewed run (permission runs.approve). Not by the one who previewed it, unless that is the system."""
    raise NotImplementedError


def abandon(actor: Actor, run_id: int) -> RunView:
    """Put a run away that is previewed or approved and has billed nothing."""
    raise NotImplementedError


def run(actor: Actor, run_id: int, processes: int = 2, progress: Progress | None = None) -> RunView:
    """Bill an approved run slice by slice, or go on with one that was interrupted. `processes` 0: in this process.

    Calls `progress` after each slice. Killed anywhere, the same call goes on where it stopped.
    """
    raise NotImplementedError


def resume(actor: Actor, run_id: int, processes: int = 2, progress: Progress | None = None) -> RunView:
    """The same as `run`, for a run in state running."""
    raise NotImplementedError


def runs(actor: Actor, limit: int = 50) -> list[RunView]:
    """Runs, the newest first, that touch units which the actor sees."""
    raise NotImplementedError


def run_view(run_id: int) -> RunView:
    """One run with its progress."""
    raise NotImplementedError


def holds(
    unit_ids: Sequence[int] | None = None,
    period: int | None = None,
    account_id: int | None = None,
    open_only: bool = True,
) -> list[HoldView]:
    """Bills that wait for a person, the oldest first."""
    raise NotImplementedError


def release_hold(actor: Actor, hold_ids: Sequence[int], outcome: str = "accepted", reason: str = "") -> Released:
    """Bill held agreements: `accepted` as the bill is, `corrected` after readings were put right (checked again)."""
    raise NotImplementedError


def cancel_bill(actor: Actor, account_id: int, period: int, seq: int, reason: str) -> None:
    """Cancel an issued bill: reversed in the ledger, kept for ever. Money that had paid it becomes credit."""
    raise NotImplementedError


def rebill(actor: Actor, account_id: int, period: int, reason: str = "") -> Rebilled:
    """Bill an account's period again from the readings as they are now; an issued bill is cancelled first."""
    raise NotImplementedError


def difference_of_runs(run_a: int, run_b: int) -> DifferenceReport:
    """Bills of two runs side by side, agreement by agreement (two periods, or two runs of one)."""
    raise NotImplementedError


def difference_of_versions(
    period: int, version_a: int, version_b: int, unit_ids: Sequence[int] | None = None
) -> DifferenceReport:
    """The issued bills of a period whose tariff is that of the two versions, rated on each; nothing is written."""
    raise NotImplementedError


def bill(account_id: int, period: int, seq: int) -> BillView:
    """One bill in words."""
    raise NotImplementedError


def bills_of(account_id: int, limit: int = 200) -> list[BillSummary]:
    """An account's bills, the newest first."""
    raise NotImplementedError


def months_of(account_id: int, until_period: int, months: int = 13) -> list[MonthUse]:
    """Use and cost month by month up to `until_period`, the oldest first; a month without a bill is all 0."""
    raise NotImplementedError


def year_blocks(account_id: int, on: date | None = None) -> YearBlocks | None:
    """The blocks used so far by the account's newest bill; None where its tariff has no blocks."""
    raise NotImplementedError


def bill_document(account_id: int, period: int, seq: int, language: str) -> BillDocument:
    """The bill as the frozen document that is set as a page."""
    raise NotImplementedError


def document(account_id: int, period: int, seq: int, language: str) -> bytes:
    """The bill as a PDF of one page."""
    raise NotImplementedError


def print_file(
    actor: Actor, area_id: int, period: int, language: str = "", progress: Callable[[int, int], None] | None = None
) -> Path:
    """All issued bills of an area and period as one PDF under the home folder, in the order of their accounts.

    `language` empty: each customer's own. `progress(done, all)` in pages.
    """
    raise NotImplementedError


def rate_again(account_id: int, period: int, seq: int) -> int:
    """Rate a bill anew from what it stores and return its amount: the same fen as on the bill."""
    raise NotImplementedError
