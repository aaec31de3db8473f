"""Documents as PDF, set by Typst: one bill, a print file of many, a receipt on paper or on a roll."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import pikepdf
import typst

from gridhall.billing.document.data import BillDocument, DocumentError, Receipt
from gridhall.billing.document.fonts import document_fonts
from gridhall.billing.document.payload import as_inputs, bill_payload, receipt_payload

TEMPLATES = Path(__file__).parent
# A page takes about 1.2 MB while it is set. Larger batches are slower, smaller ones repeat the fonts more often.
BATCH_PAGES_MAX = 125
# Typst keeps what it has set for this many further compilations, in case it comes again; printed pages never do.
CACHE_COMPILATIONS = 11
# A fixed QR mask is as readable and drawn five times as fast; a single bill tries all eight.
PRINT_QR_MASK = 2
ARCHIVE_STANDARD: Final = "a-3b"


# A compiler serves one call at a time, so each thread keeps its own; the fonts behind them are shared.
_of_thread = threading.local()


def _compiler(template: str) -> typst.Compiler:
    kept: dict[str, typst.Compiler] = _of_thread.__dict__.setdefault("compilers", {})
    if template not in kept:
        fonts, _ = document_fonts()
        kept[template] = typst.Compiler(TEMPLATES / template, root=TEMPLATES, font_paths=fonts)
    return kept[template]


def _forget_pages() -> None:
    """Let Typst drop the pages that it keeps in memory, or a long run would hold thousands."""
    empty = typst.Compiler(ignore_system_fonts=True)
    for _ in range(CACHE_COMPILATIONS):
        empty.compile(b"", format="pdf")


def _compile(template: str, content: dict[str, object], dated: date, *, archive: bool) -> bytes:
    """Set `content` with `template`. The file's date is the document's, so the same value gives the same bytes."""
    _, family = document_fonts()
    try:
        pdf = _compiler(template).compile(
            format="pdf",
            sys_inputs=as_inputs(family, dated, content),
            pdf_standards=[ARCHIVE_STANDARD] if archive else [],
            timestamp=datetime(dated.year, dated.month, dated.day, tzinfo=UTC),
            pdf_tags=archive,
        )
    except typst.TypstError as error:
        raise DocumentError(f"{template} could not be set: {error.message}") from error
    assert isinstance(pdf, bytes)
    return pdf


def _archived(template: str, content: dict[str, object], dated: date) -> bytes:
    """As PDF/A-3b with tags; as plain PDF when a rare character is in no font, which PDF/A forbids."""
    try:
        return _compile(template, content, dated, archive=True)
    except DocumentError as refused:
        if "PDF/A" not in str(refused):
            raise
        return _compile(template, content, dated, archive=False)


def render_bill(bill: BillDocument) -> bytes:
    """One bill as a one-page A4 PDF/A-3b, tagged, with title and language. Raises DocumentError."""
    return _archived("bill.typ", {"bills": [bill_payload(bill)]}, bill.issued_on)


def render_bills(bills: Sequence[BillDocument]) -> bytes:
    """A print file: one page per bill, in the order given, set in batches of up to 125 so that memory stays bounded.

    Call it from several processes (one area each) to use several cores. Raises DocumentError, also for no bills.
    """
    if not bills:
        raise DocumentError("A print file needs at least one bill.")
    batches = []
    remaining = iter(bills)
    while batch := list(islice(remaining, BATCH_PAGES_MAX)):
        content: dict[str, object] = {"bills": [bill_payload(bill, PRINT_QR_MASK) for bill in batch]}
        batches.append(_compile("bill.typ", content, batch[0].issued_on, archive=False))
        _forget_pages()
    return batches[0] if len(batches) == 1 else _joined(batches)


def _joined(parts: list[bytes]) -> bytes:
    with pikepdf.open(io.BytesIO(parts[0])) as whole:
        for part in parts[1:]:
            with pikepdf.open(io.BytesIO(part)) as more:
                whole.pages.extend(more.pages)
        return _saved(whole)


def split_pages(pdf: bytes) -> list[bytes]:
    """Each page of a print file as a PDF of its own, in order; they share title and language with the whole."""
    with pikepdf.open(io.BytesIO(pdf)) as whole:
        language = whole.Root.get("/Lang")
        pages = []
        for page in whole.pages:
            with pikepdf.new() as single:
                single.pages.append(page)
                if language is not None:
                    single.Root.Lang = str(language)
                pages.append(_saved(single))
        return pages


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    # The id is made from the content, so that the same pages give the same bytes.
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def render_receipt(receipt: Receipt) -> bytes:
    """A receipt as a one-page A5 PDF/A-3b, landscape. Raises DocumentError."""
    return _archived("receipt.typ", {"receipt": receipt_payload(receipt)}, receipt.taken_on)


def render_roll(receipt: Receipt) -> bytes:
    """A receipt for an 80 mm paper roll, as one page of the height it needs. Raises DocumentError."""
    return _compile("roll.typ", {"receipt": receipt_payload(receipt)}, receipt.taken_on, archive=False)
