"""How fast bills become paper: print files of full pages on two processes, single bills, and splitting.

Every page differs in customer, amounts, readings, chart and QR code, as in a real run.
"""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Final

from _report import Figure, parser, report
from gridhall.billing.document.data import BarPart, BillDocument, Language, MonthBar
from gridhall.billing.document.render import render_bill, render_bills, render_receipt, split_pages
from gridhall.billing.document.specimen import specimen_bill, specimen_receipt

PROCESSES: Final = 2
AREA_PAGES: Final = 1_000


def _month(bar: MonthBar, more: int) -> MonthBar:
    height = bar.height + more
    valley = height * 2 // 5
    parts = (BarPart("valley", valley), BarPart("peak", height - valley))
    return replace(bar, height=height, value=str(height), parts=parts)


def area_bills(area: int, pages: int) -> list[BillDocument]:
    """The bills of one area, every fourth in English; no two alike."""
    bills = []
    for place in range(pages):
        number = area * 100_000 + place
        language: Language = "en" if place % 4 == 3 else "zh"
        bill = specimen_bill(language)
        # 3,000 different characters: names bring rare glyphs into the fonts, as they do in life.
        name = f"{bill.customer.name}{chr(0x4E00 + number * 7 % 3000)}"
        customer = replace(bill.customer, number=f"03{number:08d}", name=name, supply_address=f"{number} Hubin Road")
        bills.append(
            replace(
                bill,
                number=f"2026-10-03{number:08d}-1",
                customer=customer,
                amount_due=f"¥ {number / 100:,.2f}",
                total=f"{number / 100:,.2f}",
                lines=tuple(replace(line, amount=f"{number * 3 + n:,}") for n, line in enumerate(bill.lines)),
                readings=tuple(replace(r, current=f"{number + n:,}") for n, r in enumerate(bill.readings)),
                months=tuple(_month(bar, number % 97) for bar in bill.months),
                payment=replace(bill.payment, url=f"{bill.payment.url}&n={number}"),
            )
        )
    return bills


def print_area(area_and_pages: tuple[int, int]) -> tuple[int, int, float]:
    """Make one print file; returns its size in bytes, the peak memory of the process in kB, the processor time in s."""
    area, pages = area_and_pages
    start = time.process_time()
    pdf = render_bills(area_bills(area, pages))
    return len(pdf), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time() - start


def bulk(pages_total: int) -> list[Figure]:
    """Print files by two processes; making the input values counts as well, starting the processes does not."""
    jobs = [(area, AREA_PAGES) for area in range(1, pages_total // AREA_PAGES + 1)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        list(pool.map(print_area, [(90 + n, 20) for n in range(PROCESSES)]))
        start = time.perf_counter()
        done = list(pool.map(print_area, jobs))
        seconds = time.perf_counter() - start
    pages = len(jobs) * AREA_PAGES
    return [
        Figure(f"print files, {pages:,} full pages, 2 processes", round(pages / seconds, 1), "pages/s", ">= 150"),
        Figure("processor time of a page", round(sum(cpu for _, _, cpu in done) / pages * 1000, 1), "ms"),
        Figure("size of a page in a print file", round(sum(size for size, _, _ in done) / pages / 1000, 1), "kB"),
        Figure("peak memory of a process", round(max(memory for _, memory, _ in done) / 1024), "MiB", "<= 1024"),
    ]


def singles(count: int) -> list[Figure]:
    """One bill at a time, as PDF/A-3b with tags, as the download on a page makes them."""
    bills = area_bills(60, count)
    render_bill(bills[0])
    render_receipt(specimen_receipt("zh"))
    times_ms = []
    for bill in bills[1:]:
        start = time.perf_counter()
        render_bill(bill)
        times_ms.append((time.perf_counter() - start) * 1000)
    start = time.perf_counter()
    render_receipt(replace(specimen_receipt("zh"), number="R-1"))
    receipt_ms = (time.perf_counter() - start) * 1000
    return [
        Figure("one bill, PDF/A-3b, median", round(statistics.median(times_ms), 1), "ms"),
        Figure("one bill, PDF/A-3b, slowest of 100", round(statistics.quantiles(times_ms, n=100)[-1], 1), "ms"),
        Figure("one receipt, PDF/A-3b", round(receipt_ms, 1), "ms"),
    ]


def splitting(count: int) -> Figure:
    """Cut a print file into one PDF per bill."""
    pdf = render_bills(area_bills(70, count))
    start = time.perf_counter()
    pages = split_pages(pdf)
    return Figure("split a print file", round(len(pages) / (time.perf_counter() - start)), "pages/s")


def main() -> None:
    options = parser(__doc__ or "").parse_args()
    pages_total, count = (4_000, 60) if options.quick else (20_000, 300)
    report("documents", [*bulk(pages_total), *singles(count), splitting(max(count, 250))])


if __name__ == "__main__":
    main()
