"""Billing for the doors: runs, holds, bills and their documents.

Acts refuse with `kernel.refusal.Refusal`: not_allowed, bad_period, unknown_unit, unknown_run, wrong_state, own_run,
run_overlaps, nothing_to_bill, worker_lost, unknown_bill, bill_cancelled, reason_missing, still_held, unknown_hold,
bad_outcome, needs_correction, unknown_version, other_tariff, unknown_area, nothing_to_print, period_closed.
"""

from gridhall.billing.billed_days import bills_of_version
from gridhall.billing.cancelled import Cancellation, cancellation
from gridhall.billing.composing import documents
from gridhall.billing.corrections import cancel_bill, holds, later_affected, rebill, release_hold, waiting_counts
from gridhall.billing.difference import difference_of_runs, difference_of_versions
from gridhall.billing.document.data import BillDocument
from gridhall.billing.document.data import DocumentError as DocumentError
from gridhall.billing.explaining import BillSide, Comparison, Explained, bill_explained
from gridhall.billing.invoicing import invoice, issue_invoice, payment_invoice
from gridhall.billing.issued import IssuedRow, issued_in
from gridhall.billing.models import CANCELLED, FINAL, ISSUED, REGULAR, Bill
from gridhall.billing.plans_compared import PlansCompared, PlanYear, plans_for
from gridhall.billing.previewing import SLICE_ACCOUNTS
from gridhall.billing.printing import document, print_file, print_files
from gridhall.billing.reasons import SENTENCES as HOLD_SENTENCES
from gridhall.billing.runs import (
    abandon,
    approve,
    count_runs,
    preview,
    resume,
    run,
    run_for,
    run_view,
    runs,
    units_not_run,
)
from gridhall.billing.showing import bill, bill_number, bills_of, months_of, year_blocks
from gridhall.billing.stored import rated_again, rated_differently
from gridhall.billing.tasks import queue_print, queue_run
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
    WaitingCount,
    YearBlocks,
)
from gridhall.billing.what_if import (
    AccountChange,
    Bin,
    ComponentChange,
    GroupTotal,
    WhatIf,
    WhatIfRows,
    components_on,
    what_if,
)
from gridhall.billing.what_if_file import write_rows as write_what_if
from gridhall.billing.words import REGISTERS as REGISTER_NAMES
from gridhall.billing.words import decimal as decimal_text
from gridhall.kernel.refusal import Refusal
from gridhall.rules.change import Part

__all__ = [
    "CANCELLED", "FINAL", "HOLD_SENTENCES", "ISSUED", "REGISTER_NAMES", "REGULAR", "SLICE_ACCOUNTS", "AccountChange",
    "BillDocument", "BillKey", "BillLineView", "BillSide", "BillSummary", "BillUseView", "BillView", "Bin",
    "BlockUse", "Cancellation", "ClassTotal", "Comparison", "ComponentChange", "Difference", "DifferenceReport",
    "DocumentError", "Explained", "GroupTotal", "HoldCount", "HoldView", "IssuedRow", "MonthUse", "Outlier", "Part",
    "PlanYear", "PlansCompared", "Preview", "Progress", "Rebilled", "Released", "RunView", "TariffOfBill",
    "UnitProgress", "WaitingCount", "WhatIf", "WhatIfRows", "YearBlocks", "abandon", "approve", "bill",
    "bill_document", "bill_explained", "bill_number", "bills_of", "bills_of_version", "cancel_bill", "cancellation",
    "components_on", "count_runs", "decimal_text", "difference_of_runs", "difference_of_versions", "document",
    "holds", "invoice", "issue_invoice", "issued_in", "later_affected", "months_of", "payment_invoice", "plans_for",
    "preview", "print_file", "print_files", "queue_print", "queue_run", "rate_again", "rate_period_again", "rebill",
    "release_hold", "resume", "run", "run_for", "run_view", "runs", "units_not_run", "waiting_counts", "what_if",
    "write_what_if", "year_blocks",
]  # fmt: skip


def bill_document(account_id: int, period: int, seq: int, language: str) -> BillDocument:
    """The bill as the frozen document that is set as a page. Refuses unknown_bill."""
    found = list(Bill.objects.filter(account_id=account_id, period=period, seq=seq))
    if not found:
        raise Refusal("unknown_bill", "There is no such bill.", "没有这张账单。", value=f"{account_id}-{period}-{seq}")
    return documents(found, language)[0]


def rate_again(account_id: int, period: int, seq: int) -> int:
    """Rate a bill anew from what it stores and return its amount: the fen of the bill. Refuses unknown_bill."""
    rated = rated_again(account_id, period, seq)
    if rated is None:
        raise Refusal("unknown_bill", "There is no such bill.", "没有这张账单。", value=f"{account_id}-{period}-{seq}")
    return rated.amount


def rate_period_again(period: int) -> tuple[int, list[BillKey]]:
    """Rate every bill of a period anew over columns: how many there are, and those that come to another amount."""
    count, different = rated_differently(period)
    return count, [BillKey(account_id, period, seq) for account_id, seq in different]
