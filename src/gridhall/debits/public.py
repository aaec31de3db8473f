"""Batch debit for the doors and the rooms above: mandates, cycles, files, results, and what notices say."""

from gridhall.debits.banks import add_bank, banks
from gridhall.debits.cycles import announce, answer_held, issue, plan_cycle, withdraw
from gridhall.debits.data import (
    BankView,
    CycleView,
    DebitView,
    FileView,
    MandateView,
    NewBank,
    NewMandate,
    NoticeRow,
    ParkedView,
    ResultView,
    StateSum,
)
from gridhall.debits.files import file_path, make_files, send_file
from gridhall.debits.mandate_moves import moves_of, permission_for
from gridhall.debits.mandates import (
    clean_number,
    mandate_of,
    mandate_within,
    mandates_of,
    mandates_waiting,
    move,
    sign,
)
from gridhall.debits.models import (
    DEBITED,
    FAILED,
    HELD,
    IN_FILE,
    OUTCOME_NAMES,
    SENT,
    UNKNOWN,
    WAITING,
    WITHDRAWN,
)
from gridhall.debits.queries import (
    cycle_within,
    cycles,
    debit_of,
    debits_in,
    debits_of,
    debits_under_way,
    files_of,
    notice_rows,
    parked,
    results,
    sums,
)
from gridhall.debits.reconciling import (
    BothSides,
    both_sides,
    close,
    reconcile,
    settle_parked,
    settle_unknown,
    try_again,
)
from gridhall.debits.refusals import WORDS as REFUSAL_WORDS
from gridhall.debits.results import payment_key, take_results

__all__ = [
    "DEBITED", "FAILED", "HELD", "IN_FILE", "OUTCOME_NAMES", "REFUSAL_WORDS", "SENT", "UNKNOWN", "WAITING", "WITHDRAWN",
    "BankView", "BothSides", "CycleView", "DebitView", "FileView", "MandateView", "NewBank", "NewMandate", "NoticeRow",
    "ParkedView", "ResultView", "StateSum", "add_bank", "announce", "answer_held", "banks", "both_sides",
    "clean_number", "close", "cycle_within", "cycles", "debit_of", "debits_in", "debits_of", "debits_under_way",
    "file_path", "files_of",
    "issue", "make_files", "mandate_of", "mandate_within", "mandates_of", "mandates_waiting", "move", "moves_of",
    "notice_rows", "parked", "payment_key", "permission_for", "plan_cycle", "reconcile", "results", "send_file",
    "settle_parked",
    "settle_unknown", "sign", "sums", "take_results", "try_again", "withdraw",
]  # fmt: skip
