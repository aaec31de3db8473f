"""Lists as CSV files, as spreadsheets open them: UTF-8 with a mark, and no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.http import HttpResponse

# A cell that begins so is taken for a formula by spreadsheets.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def plain_amount(minor: int) -> str:
    """Minor units as a plain decimal for machines: 17307 → 173.07."""
    decimals = settings.CURRENCY_DECIMALS
    whole, part = divmod(abs(minor), 10**decimals)
    return ("-" if minor < 0 else "") + (f"{whole}.{part:0{decimals}d}" if decimals else str(whole))


def plain_kwh(wh: int) -> str:
    whole, part = divmod(abs(wh), 1000)
    return ("-" if wh < 0 else "") + (f"{whole}.{part:03d}".rstrip("0").rstrip("."))


def cell(value: object) -> str:
    text = "" if value is None else str(value)
    number = text.replace(".", "", 1).lstrip("-")
    if text.startswith(DANGEROUS) and not (number.isascii() and number.isdecimal()):
        return "'" + text
    return text


def csv_file(name: str, heading: Sequence[object], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A CSV answer for download."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([cell(each) for each in heading])
    writer.writerows([cell(each) for each in row] for row in rows)
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
