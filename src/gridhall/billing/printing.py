"""Print files: all bills of an area and period as one PDF under the home folder."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pikepdf

from gridhall.billing.composing import documents
from gridhall.billing.document.render import render_bill, render_bills
from gridhall.billing.models import ISSUED, Bill
from gridhall.billing.working import local_processes
from gridhall.kernel import audit
from gridhall.kernel.access import Actor
from gridhall.kernel.home import home
from gridhall.kernel.refusal import Refusal
from gridhall.territory import public as territory

# Bills composed and set at once: their texts and pages stay in memory for so many.
CHUNK_BILLS = 500


def document(account_id: int, period: int, seq: int, language: str) -> bytes:
    """One bill as a one-page PDF. Refuses unknown_bill."""
    found = list(Bill.objects.filter(account_id=account_id, period=period, seq=seq))
    if not found:
        raise Refusal("unknown_bill", "There is no such bill.", "没有这张账单。", value=f"{account_id}-{period}-{seq}")
    return render_bill(documents(found, language)[0])


def print_file(
    actor: Actor, area_id: int, period: int, language: str = "", progress: Callable[[int, int], None] | None = None
) -> Path:
    """All issued bills of an area and period as one PDF, in the order of accounts; a file that was there is replaced.

    `language` empty: each customer's own. `progress(done, all)` in pages. Refuses not_allowed, unknown_area,
    nothing_to_print.
    """
    actor.require("documents.print")
    area = territory.area(area_id)
    if area is None:
        raise Refusal("unknown_area", f"There is no area {area_id}.", f"没有责任区 {area_id}。", field="area")
    if not actor.sees_unit(area.unit_id):
        raise Refusal("not_allowed", f"Unit {area.unit_id} is not yours.", "该核算单元不在您的管辖范围。")
    path, pages = _print_area(area_id, area.code, period, language, progress)
    audit.record(actor, "documents.print", f"area:{area.code}", after={"period": period, "pages": pages})
    return path


def print_files(
    actor: Actor, area_ids: Sequence[int], period: int, language: str = "", processes: int = 2
) -> Iterator[tuple[int, Path, int]]:
    """Print files of several areas, by several processes: (area, file, pages) as each is done; areas without bills are
    passed over. Refuses not_allowed, unknown_area."""
    actor.require("documents.print")
    wanted = []
    for area_id in area_ids:
        area = territory.area(area_id)
        if area is None:
            raise Refusal("unknown_area", f"There is no area {area_id}.", f"没有责任区 {area_id}。", field="area")
        if not actor.sees_unit(area.unit_id):
            raise Refusal("not_allowed", f"Unit {area.unit_id} is not yours.", "该核算单元不在您的管辖范围。")
        if Bill.objects.filter(period=period, area_id=area_id, state=ISSUED).exists():
            wanted.append((area_id, area.code))
    with local_processes(max(1, processes)) as pool:
        jobs = [(area_id, pool.submit(_print_area, area_id, code, period, language)) for area_id, code in wanted]
        for area_id, job in jobs:
            path, pages = job.result()
            audit.record(actor, "documents.print", f"area:{area_id}", after={"period": period, "pages": pages})
            yield area_id, path, pages


def _print_area(
    area_id: int, code: str, period: int, language: str, progress: Callable[[int, int], None] | None = None
) -> tuple[Path, int]:  # fmt: skip
    rows = Bill.objects.filter(period=period, area_id=area_id, state=ISSUED).order_by("account_id", "seq")
    total = rows.count()
    if not total:
        raise Refusal("nothing_to_print", "There are no bills to print.", "没有可打印的账单。", value=code)
    folder = home() / "print" / str(period)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{code}-{period}.pdf"
    being_made = path.with_suffix(f".{os.getpid()}.part")
    done = 0
    with pikepdf.new() as whole:
        for chunk in _chunks(rows.iterator(chunk_size=CHUNK_BILLS)):
            part_path = being_made.with_suffix(f".{done}.pdf")
            part_path.write_bytes(render_bills(documents(chunk, language)))
            with pikepdf.open(part_path) as part:
                whole.pages.extend(part.pages)
            part_path.unlink()
            done += len(chunk)
            if progress:
                progress(done, total)
        whole.save(being_made, deterministic_id=True)
    being_made.replace(path)
    return path, total


def _chunks(rows: Iterator[Bill]) -> Iterator[list[Bill]]:
    chunk: list[Bill] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK_BILLS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
