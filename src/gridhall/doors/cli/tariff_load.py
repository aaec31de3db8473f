"""`gridhall tariff rate` and `import-urdb`: tariffs from files over a load from a file. No database, no Django."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from gridhall.columns.intervals import NOTHING, Load, load_of, rate_many
from gridhall.kernel.refusal import Refusal
from gridhall.rules.interval_bills import CannotRate, MonthBill, half_up, not_measured
from gridhall.rules.interval_tariff import MEETINGS, NO_LIMIT, PRO_RATA, Blocks, IntervalTariff
from gridhall.tariffs.book import Book, BookError, Version, load_book
from gridhall.tariffs.book_text import book_text
from gridhall.tariffs.by_load import BookMonth, newest, rate_by_book, rate_in_force, versions_of_year
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.load_terms import LoadTerms, not_told, system_peaks
from gridhall.tariffs.numbers import decimals_of
from gridhall.tariffs.price_series import read_series
from gridhall.tariffs.urdb import UrdbRecord, open_text, read_json, read_lines, read_whole

TEN_TO_40 = 10**40
PLACES = 12  # shown of an amount that is no finite decimal
STEPS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)
_UNIT = re.compile(r"(?<![a-z])(k)?wh(?![a-z])", re.IGNORECASE)
URDB_CURRENCY = "USD"  # OpenEI states dollars
Answer = dict[str, Any]


def decimal_text(value: Fraction) -> str:
    """An amount as a decimal: exact where it ends within 40 places, else to 12 places, halves away from zero."""
    digits, rest = divmod(value.numerator * TEN_TO_40, value.denominator)
    places = 40
    if rest:
        digits, places = half_up(value, PLACES), PLACES
    sign = "-" if digits < 0 else ""
    whole, part = divmod(abs(digits), int(10**places))
    decimals = f"{part:0{places}}".rstrip("0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def read_load(path: Path) -> "np.typing.NDArray[np.int64]":
    """Whole Wh of each step, one a line; a first line that is no number is a heading. Of several columns the one whose
    heading says Wh or kWh is read."""
    values: list[int] = []
    lines = open_text(path).splitlines()
    column, mark, scale = _column(lines[0] if lines else "")
    for n, line in enumerate(lines):
        cells = line.split(mark) if mark else [line]
        text = cells[column].strip().strip('"') if column < len(cells) else ""
        try:
            values.append(int(text) if scale == 1 else _whole(text, scale))
        except ValueError:
            if n == 0 or not line.strip():
                continue
            raise Refusal(
                "bad_load", f"line {n + 1}: “{text[:40]}” is not a whole number of Wh",
                f"第{n + 1}行：“{text[:40]}”不是整数瓦时", field="load", row=n, value=text[:40],
            ) from None  # fmt: skip
    return np.array(values, np.int64)


def _column(heading: str) -> tuple[int, str, int]:
    """(column, what stands between columns, Wh of its unit) by the heading of a load; one column is Wh."""
    mark = next((each for each in ",;\t" if each in heading), "")
    if not mark:
        return 0, "", 1
    found = [(k, match[1]) for k, cell in enumerate(heading.split(mark)) if (match := _UNIT.search(cell))]
    if len(found) != 1:
        raise Refusal(
            "bad_load", "line 1: of several columns the heading of one must say Wh or kWh",
            "第1行：文件有多列时，须有且仅有一列的标题注明Wh或kWh", field="load", row=0, value=heading[:40],
        )  # fmt: skip
    return found[0][0], mark, 1000 if found[0][1] else 1


def _whole(text: str, scale: int) -> int:
    """A decimal × scale. Raises ValueError where that is no whole number."""
    try:
        number = Decimal(text) * scale
    except ArithmeticError:
        raise ValueError(text) from None
    if not number.is_finite() or number != number.to_integral_value():
        raise ValueError(text)
    return int(number)


@dataclass(frozen=True)
class LoadFiles:
    """What of a load stands in files: its energy, and what else is known of it."""

    load: Path
    fed_in: Path | None
    system: Path | None
    reactive: Path | None
    power_factor: str | None


def _power_factor(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    try:
        return Decimal(text).as_integer_ratio()
    except (ArithmeticError, ValueError):
        raise ValueError(f"“{text[:40]}” is no power factor") from None


def _gathered(files: LoadFiles, year: int, steps: int, meters: int) -> Load:
    if steps not in STEPS:
        raise Refusal(
            "bad_load", f"{steps} steps an hour; it can be {', '.join(map(str, STEPS))}", f"每小时{steps}步不受支持",
            field="steps-per-hour",
        )  # fmt: skip
    try:
        return load_of(
            read_load(files.load), year, date(year, 1, 1).weekday(), steps, meters,
            fed=read_load(files.fed_in) if files.fed_in else NOTHING,
            system=read_load(files.system) if files.system else NOTHING,
            reactive=read_load(files.reactive) if files.reactive else NOTHING,
            power_factor=_power_factor(files.power_factor),
        )  # fmt: skip
    except (ValueError, OverflowError) as problem:
        raise Refusal("bad_load", f"{files.load}: {problem}", f"{files.load}：{problem}", field="load") from None


def _urdb_month(bill: MonthBill) -> Answer:
    """A month's amounts; those that few tariffs have only where they are not zero."""
    names = ["energy", "demand_flat", "demand_tou", "fixed", "minimum", "total"]
    names += [name for name in ("coincident", "reactive", "fed_in") if getattr(bill, name)]
    told: Answer = {name: decimal_text(getattr(bill, name)) for name in names}
    return told | {"total_minor": bill.total_minor}


def _urdb_answer(record: UrdbRecord, bills: list[MonthBill] | CannotRate | None, load: Load) -> Answer:
    refused = str(bills) if isinstance(bills, CannotRate) else record.refused
    months = bills if isinstance(bills, list) else []
    tariff = record.tariff
    known = {"fed": len(load.fed) > 0, "system": len(load.system) > 0, "reactive": load.month_var[0] >= 0}
    return {
        "label": record.label,
        "refused": refused,
        "months": [_urdb_month(bill) for bill in months],
        "annual": None if refused else decimal_text(sum((bill.total for bill in months), Fraction(0))),
        "left_out": [*tariff.left_out, *not_measured(tariff, **known)] if tariff else [],
        "read_as": list(tariff.read_as) if tariff else [],
    }


def rate_records(records: Iterable[UrdbRecord], load: Load, blocks: str) -> Iterator[Answer]:
    """The answer to each record: its year of bills, or why it is refused."""
    every = list(records)
    rated = iter(rate_many([record.tariff for record in every if record.tariff is not None], load, blocks))
    for record in every:
        yield _urdb_answer(record, next(rated) if record.tariff is not None else None, load)


def _book_month(month: BookMonth) -> Answer:
    amounts = {name: decimal_text(value) for name, value in month.amounts.items()}
    return amounts | {"total": decimal_text(month.total), "total_minor": month.total_minor}


def read_prices(named: list[str]) -> dict[str, str]:
    """The texts of the price series that were given as NAME=FILE. Refuses `bad_prices`."""
    texts = {}
    for each in named:
        name, equals, path = each.partition("=")
        if not equals or not Path(path).is_file():
            raise Refusal("bad_prices", f"{each}: write NAME=FILE", f"{each}：请写作 名称=文件", field="prices")
        texts[name] = open_text(Path(path))
    return texts


@dataclass(frozen=True)
class BookTerms:
    """What is known of a load's connection, for tariff books."""

    files: LoadFiles
    prices: dict[str, str]
    capacity_kva: int
    contract_kw: int
    in_force: bool


def _terms(book: Book, version: Version, load: Load, known: BookTerms) -> LoadTerms:
    decimals = decimals_of(book.currency)
    system = np.asarray(load.system, np.int64).tolist()
    return LoadTerms(
        export=np.asarray(load.fed, np.int64).tolist(),
        varh=read_load(known.files.reactive).tolist() if known.files.reactive else (),
        system_peaks=system_peaks(book, version, system, load.year, load.steps) if system else (),
        prices={name: read_series(text, decimals) for name, text in known.prices.items()},
        meters=load.meters,
        capacity_va=known.capacity_kva * 1000,
        contract_w=known.contract_kw * 1000,
    )


def _book_of(path: Path) -> str:
    """The text of a book (.gz too). A book that is no text is refused as any other book."""
    try:
        return book_text(read_whole(path), str(path))[0]
    except Refusal as no_text:
        raise ValueError(no_text.en) from None


def _rate_book(path: Path, load: Load, known: BookTerms) -> tuple[Answer, str]:
    """The answer of a book, and its currency ("" where the book cannot be read)."""
    currency = ""
    answer: Answer = {"label": path.stem, "refused": None, "months": [], "annual": None, "left_out": []}
    try:
        book = load_book(_book_of(path))
        version = newest(book)
        answer |= {"label": book.code, "version": version.from_on.isoformat()}
        currency = book.currency
        versions = [version]
        if known.in_force:
            answer["version"] = f"in force in {load.year}"
            versions = [each for each, _, _ in versions_of_year(book, load.year)]
        terms, wh = _terms(book, versions[0], load, known), np.asarray(load.wh, np.int64).tolist()
        if known.in_force:
            months = rate_in_force(book, wh, load.year, load.steps, terms)
        else:
            months = rate_by_book(book, version, wh, load.year, load.steps, terms)
        missing = [name for each in versions for name in not_told(compile_version(book, each), terms)]
        answer["left_out"] = list(dict.fromkeys(missing))
    except BookError as problem:
        return answer | {"refused": f"{problem.path or 'book'}: {problem.what}"}, currency
    except ValueError as problem:
        return answer | {"refused": f"book: {problem}"}, currency
    annual = decimal_text(sum((month.total for month in months), Fraction(0)))
    return answer | {"months": [_book_month(month) for month in months], "annual": annual}, currency


def records_of(path: Path, *, lines: bool) -> Iterator[UrdbRecord]:
    """The records of a URDB file, JSON or one object a line. Refuses `bad_urdb` what cannot be read at all."""
    try:
        text = open_text(path)
        yield from read_lines(iter(text.splitlines())) if lines else iter(read_json(text))
    except (ValueError, OSError, RecursionError) as problem:
        raise Refusal(
            "bad_urdb", f"{path}: not readable as JSON: {problem}", f"{path}：不是可读的JSON：{problem}"
        ) from None


def rate(
    load: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Whole Wh of each step, one a line")],
    urdb: Annotated[list[Path] | None, typer.Option(exists=True, help="OpenEI records: a JSON file")] = None,
    urdb_lines: Annotated[
        list[Path] | None, typer.Option(exists=True, help="OpenEI records: one JSON object a line (.gz too)")
    ] = None,
    tariff: Annotated[list[Path] | None, typer.Option(exists=True, help="A tariff book; its newest version")] = None,
    steps_per_hour: Annotated[int, typer.Option(help="A part of 60: 1, 2, 4, 12")] = 1,
    blocks: Annotated[str, typer.Option(help="OpenEI records: prorata, chrono or per_period")] = PRO_RATA,
    year: Annotated[int, typer.Option(min=1, max=9998, help="Year of the load (2018 begins on a Monday)")] = 2018,
    meters: Annotated[int, typer.Option(min=1, max=10_000, help="OpenEI records: meters at the premises")] = 1,
    fed_in: Annotated[Path | None, typer.Option(exists=True, help="Wh fed in, of each step, one a line")] = None,
    system: Annotated[
        Path | None, typer.Option(exists=True, help="Wh of the supplier's whole system, likewise")
    ] = None,
    reactive: Annotated[Path | None, typer.Option(exists=True, help="varh of each step, likewise")] = None,
    power_factor: Annotated[str | None, typer.Option(help="Instead of reactive energy: 0.9, say")] = None,
    prices: Annotated[list[str] | None, typer.Option(help="Books: prices by the hour, NAME=FILE")] = None,
    capacity_kva: Annotated[int, typer.Option(min=0, max=10_000_000, help="Books: kVA of the connection")] = 0,
    contract_kw: Annotated[int, typer.Option(min=0, max=10_000_000, help="Books: contract demand")] = 0,
    in_force: Annotated[bool, typer.Option("--in-force", help="Books: by the versions in force in the year")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a tariff and line")] = False,
) -> None:
    """Rate a year of a load by tariffs from files; needs no database."""
    if blocks not in MEETINGS:
        raise Refusal("bad_blocks", f"blocks can be {', '.join(MEETINGS)}", f"blocks可为{'、'.join(MEETINGS)}")
    if not (urdb or urdb_lines or tariff):
        raise Refusal(
            "no_tariff", "Name a tariff: --urdb, --urdb-lines or --tariff", "请指定电价：--urdb、--urdb-lines或--tariff"
        )
    files = LoadFiles(load, fed_in, system, reactive, power_factor)
    gathered = _gathered(files, year, steps_per_hour, meters)
    known = BookTerms(files, read_prices(prices or []), capacity_kva, contract_kw, in_force)
    tally = _Tally()

    def answers() -> Iterator[tuple[Answer, str]]:
        for lines, paths in ((False, urdb), (True, urdb_lines)):
            for path in paths or ():
                for answer in rate_records(records_of(path, lines=lines), gathered, blocks):
                    yield answer, URDB_CURRENCY
        for path in tariff or ():
            yield _rate_book(path, gathered, known)

    # the currency stands beside the amounts for people; machines get the bare decimals
    table = Table("tariff", "year", "currency", "refused, or left out")
    for answer, currency in answers():
        tally.add(answer["label"], answer["refused"])
        if as_json:
            typer.echo(json.dumps(answer, ensure_ascii=False))
        else:
            why = answer["refused"] or "; ".join(answer["left_out"])
            table.add_row(answer["label"], answer["annual"] or "", currency if answer["annual"] else "", why)
    if not as_json:
        Console().print(table)
    typer.echo(tally.told("rated"), err=True)


@dataclass
class _Tally:
    """How many tariffs were answered, how many of them refused, and the first refusal with its label."""

    count: int = 0
    refused: int = 0
    first: str = ""

    def add(self, label: str, refused: str | None) -> None:
        self.count += 1
        if refused:
            self.refused += 1
            self.first = self.first or f"{label or 'without a label'}: {refused}"

    def told(self, done: str) -> str:
        """One line, as "3 rated, 1 refused (first: label: field: why)"."""
        line = f"{self.count - self.refused} {done}, {self.refused} refused"
        return f"{line} (first: {self.first})" if self.first else line


def _blocks_told(blocks: Blocks, tariff: IntervalTariff, unit: str) -> Answer:
    return {
        "upto": [
            None if limit == NO_LIMIT else decimal_text(Fraction(limit, int(10**tariff.limit_places)))
            for limit in blocks.limits
        ],
        "prices": [decimal_text(Fraction(price, int(10**tariff.price_places))) for price in blocks.prices],
        "unit": unit or blocks.unit,
        **({"units": list(blocks.units)} if blocks.units else {}),
    }


def _tariff_told(record: UrdbRecord) -> Answer:
    """What a record was read as, figures as decimal texts."""
    answer: Answer = {"label": record.label, "name": record.name, "refused": record.refused}
    tariff = record.tariff
    if tariff is None:
        return answer
    unit = int(10**tariff.price_places)
    answer["energy"] = [_blocks_told(blocks, tariff, "") for blocks in tariff.energy]
    for key, periods, demand_unit, daily in (
        ("demand_tou", tariff.demand, tariff.demand_unit, tariff.demand_daily),
        ("demand_flat", tariff.flat, tariff.flat_unit, tariff.flat_daily),
        ("coincident", tariff.coincident, "kW", False),
    ):
        told = demand_unit + (" daily" if daily else "")
        answer[key] = [_blocks_told(blocks, tariff, told) for blocks in periods]
    answer["ratchet"] = decimal_text(Fraction(*tariff.ratchet.share)) if tariff.ratchet.holds else None
    answer["fixed"] = [decimal_text(Fraction(tariff.fixed, unit)), tariff.fixed_by]
    answer["fixed_each_further_meter"] = decimal_text(Fraction(tariff.fixed_more, unit))
    answer["minimum"] = [decimal_text(Fraction(tariff.minimum, unit)), tariff.minimum_by]
    answer["reactive"] = decimal_text(Fraction(tariff.reactive, unit))
    answer["fuel"] = [decimal_text(Fraction(price, unit)) for price in tariff.fuel]
    answer["fed_in"] = tariff.fed_in
    answer["demand_window_minutes"] = tariff.window
    needs = not_measured(tariff, fed=False, system=False, reactive=False)
    return answer | {"left_out": list(tariff.left_out), "read_as": list(tariff.read_as), "needs": needs}


def import_urdb(
    files: Annotated[list[Path], typer.Argument(exists=True, help="OpenEI records: .json, .jsonl (.gz too)")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a record and line")] = False,
) -> None:
    """Read OpenEI records and tell what each was read as, what is left out and what is refused, by field.

    Exit code 2 where every record is refused.
    """
    tally = _Tally()
    for path in files:
        lines = ".jsonl" in path.suffixes
        for record in records_of(path, lines=lines):
            tally.add(record.label, record.refused)
            if as_json:
                typer.echo(json.dumps(_tariff_told(record), ensure_ascii=False))
            elif record.refused:
                typer.echo(f"{record.label} {record.name}: refused, {record.refused}")
            elif record.tariff:
                sizes = f"{len(record.tariff.energy)} energy periods, {record.tariff.most_blocks} blocks at most"
                left = "".join(f"; left out {each}" for each in record.tariff.left_out)
                typer.echo(f"{record.label} {record.name}: {sizes}{left}")
    typer.echo(f"{tally.count} records, {tally.told('read')}", err=True)
    if tally.refused == tally.count:
        raise typer.Exit(2)
