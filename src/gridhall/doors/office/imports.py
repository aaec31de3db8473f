"""Files of customers, meters and readings that staff upload: kept under the home folder, tried, then taken."""

import re
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from gridhall.doors.office import jobs
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.home import home
from gridhall.kernel.refusal import Refusal
from gridhall.metering import public as metering
from gridhall.tariffs import public as tariffs

KINDS = {"readings": "readings.take", "meters": "readings.take", "customers": "customers.change"}
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx")
ROWS_SHOWN = 100
KEPT_SECONDS = 7 * 24 * 3600  # an upload that nobody confirms is taken away after a week


def keep(upload: "UploadedFile[Any]") -> Path:
    """Put an upload into a folder of its own. Refuses `file_kind` where it is neither text nor a workbook."""
    name = re.sub(r"[^\w.\-()（） ]", "_", Path(upload.name or "").name)[-120:] or "file"
    if Path(name).suffix.lower() not in SUFFIXES:
        raise Refusal(
            "file_kind",
            "Only .csv, .txt, .tsv and .xlsx files can be imported.",
            "只能导入 .csv、.txt、.tsv 和 .xlsx 文件。",
        )
    _clean_up()
    folder = _folder() / uuid.uuid4().hex
    folder.mkdir(parents=True)
    path = folder / name
    with path.open("wb") as out:
        for chunk in upload.chunks():
            out.write(chunk)
    return path


def _folder() -> Path:
    return home() / "imports"


def _clean_up() -> None:
    oldest = time.time() - KEPT_SECONDS
    for folder in _folder().glob("*"):
        if folder.is_dir() and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def do(actor: Actor, asked: dict[str, Any], progress: jobs.Progress) -> dict[str, Any]:
    """Import a kept file, or try it; what the report page shows."""
    path = home() / asked["path"]
    if not path.exists():
        raise Refusal("file_gone", "The file is no longer kept: upload it again.", "文件已不再保留，请重新上传。")
    options = metering.Options(
        dry_run=asked["dry_run"],
        all_or_nothing=asked["whole"],
        refused_to=path.with_name(f"{path.stem}.refused{path.suffix}"),
        language=asked["language"],
        progress=lambda rows: progress(rows, 0),
    )
    done = _import(actor, asked["kind"], path, options)
    if done.imported:
        path.unlink(missing_ok=True)  # it holds people's data and is not needed any more
    return _report(done)


def _import(actor: Actor, kind: str, path: Path, options: metering.Options) -> metering.ImportReport:
    if kind == "readings":
        return metering.import_readings(actor, path, options)
    if kind == "meters":
        return metering.import_meters(actor, path, options)
    known = frozenset(each.code for each in tariffs.tariffs(clock.today()))
    return metering.import_customers(actor, path, options, tariffs=known)


def _report(done: metering.ImportReport) -> dict[str, Any]:
    return {
        "recognised": done.recognised,
        "rows": done.rows,
        "accepted": done.accepted,
        "held": done.held,
        "refused": len(done.refused),
        "imported": done.imported,
        "dry_run": done.dry_run,
        "ignored": list(done.ignored),
        "notes": [{"note_en": en, "note_zh": zh} for en, zh in done.notes],
        "reasons": [
            {"why_en": metering.REASONS[reason].en, "why_zh": metering.REASONS[reason].zh, "count": count}
            for reason, count in sorted(done.reasons.items())
        ],
        "held_rows": [
            {
                "row": each.row,
                "meter": each.meter,
                "why_en": metering.REASONS[each.reason].en,
                "why_zh": metering.REASONS[each.reason].zh,
            }
            for each in done.held_rows[:ROWS_SHOWN]
        ],
        "file": str(done.refused_file.relative_to(home())) if done.refused_file else "",
        "first": [
            {"row": each.row, "field": each.where, "value": each.value[:80], "why_en": each.en, "why_zh": each.zh}
            for each in done.refused[:ROWS_SHOWN]
        ],
    }
