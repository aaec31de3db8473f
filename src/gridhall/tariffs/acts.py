"""Writing tariff books: checked, with every fault at its line, and kept as drafts (approving.py says what follows)."""

from datetime import date

from django.db import transaction

from gridhall.kernel import audit
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.rules.plan import CompiledPlan
from gridhall.tariffs import approving, models, queries
from gridhall.tariffs.book import Book, Faults, Version, load_book
from gridhall.tariffs.checking import check_text
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.examples import ExampleResult, run_version
from gridhall.tariffs.views import BookFault
from gridhall.tariffs.windows import read_seasons


def check_book(text: str) -> list[CompiledPlan]:
    """Read and compile a book and rate its examples without keeping it. Refuses `bad_book`, naming the place."""
    return [plan for _, plan in _compiled(text)[1]]


def enter_book(actor: Actor, text: str, instead_of: int = 0) -> list[int]:
    """Keep every version of a book that is new as a draft; returns their ids, in the order of the book.

    A version that is there already with the same numbers and words keeps its id; a draft (or a rejected version) of the
    same first day is written over. `instead_of`: the draft that was edited; where the book no longer has its day, it is
    withdrawn. Refuses `bad_book` (field: path in the book), `approved_already` (another approved version begins on the
    same day), `wrong_state` (the one there waits for approval), `other_tariff` (the edited draft is of another one).
    """
    actor.require("tariffs.enter")
    book, versions = _compiled(text)
    with transaction.atomic():
        old = models.TariffVersion.objects.select_for_update().filter(id=instead_of).first() if instead_of else None
        if old is not None:
            approving.edited(old)
            _same_tariff(old, book)
        # what is in force keeps its name until the draft is approved
        models.Tariff.objects.get_or_create(code=book.code, defaults=approving.of_book(text))
        hands = approving.hands_with(actor, old.hands if old else ())  # what was edited is still theirs
        entered = [_enter(actor, book, version, text, plan, hands) for version, plan in versions]
        if old is not None and old.pk not in entered:
            approving.withdraw(actor, old.pk, "entered again from another day")
    queries.forget()
    return entered


def faults_of(text: str) -> list[BookFault]:
    """Everything that is wrong with a book, in the order of its lines; empty where it can be entered."""
    return [BookFault(each.line, each.path, each.what) for each in check_text(text).faults]


def examples_of(text: str, from_on: date) -> list[ExampleResult]:
    """The worked examples of a book's version from a day on, with what they state and what they come to."""
    book = load_book(text)
    return [
        result
        for version, plan in compiled_versions(book)
        if version.from_on == from_on
        for result in run_version(book, version, plan)
    ]


def _same_tariff(old: models.TariffVersion, book: Book) -> None:
    if old.tariff_id != book.code:
        raise Refusal(
            "other_tariff", f"The draft is of {old.tariff_id}, this book of {book.code}.",
            f"草稿属于 {old.tariff_id}，此电价册为 {book.code}。", field="tariff", value=book.code,
        )  # fmt: skip


def _enter(actor: Actor, book: Book, version: Version, text: str, plan: CompiledPlan, hands: list[str]) -> int:
    there = models.TariffVersion.objects.filter(tariff_id=book.code, from_on=version.from_on)
    open_row: models.TariffVersion | None = None
    for row in there.exclude(state=models.WITHDRAWN).order_by("id"):
        if row.content_hash == plan.content_hash and (row.state == models.APPROVED or row.book == text):
            return int(row.pk)
        if row.state == models.APPROVED:
            raise approving.approved_already(version.from_on)
        open_row = row
    if open_row is not None:
        approving.edited(open_row)
        open_row.components.all().delete()
    row = open_row or models.TariffVersion(tariff_id=book.code, from_on=version.from_on)
    row.until_on, row.book, row.source, row.sample = version.until_on, text, version.source, version.sample
    row.policy_en, row.policy_zh, row.note_en, row.note_zh = (
        book.policy.en, book.policy.zh, version.note.en, version.note.zh,
    )  # fmt: skip
    row.seasons = list(read_seasons(book, version.body, ("versions", version.index)).names)
    row.content_hash, row.table, row.decimals = plan.content_hash, list(plan.table), plan.decimals
    row.state, row.entered_by, row.sent_by, row.sent_at, row.reason = models.DRAFT, actor.name, "", None, ""
    row.hands = approving.hands_with(actor, hands, row.hands)
    row.save()
    models.Component.objects.bulk_create(
        models.Component(
            version=row,
            position=position,
            key=words.key,
            kind=words.kind,
            name_en=words.name_en,
            name_zh=words.name_zh,
            clause_en=words.clause_en,
            clause_zh=words.clause_zh,
            ledger_class=words.ledger_class,
            unit=words.unit,
        )
        for position, words in enumerate(plan.components)
    )
    audit.record(
        actor,
        "tariffs.enter",
        f"tariff:{book.code}",
        after={"version": row.pk, "from_on": version.from_on.isoformat(), "hash": plan.content_hash},
    )
    return int(row.pk)


def compiled_versions(book: Book) -> list[tuple[Version, CompiledPlan]]:
    """The versions with their plans. Raises BookError, with the faults of all versions."""
    faults = Faults()
    plans = []
    for version in book.versions:
        with faults.kept():
            plans.append((version, compile_version(book, version)))
    faults.settle()
    return plans


def _compiled(text: str) -> tuple[Book, list[tuple[Version, CompiledPlan]]]:
    """The book and its versions with their plans. Refuses `bad_book` what `faults_of` tells."""
    checked = check_text(text)
    for fault in checked.faults:
        raise _bad_book(fault.path, str(fault))
    return load_book(text), [(each.version, each.plan) for each in checked.versions]


def _bad_book(path: str, what: str) -> Refusal:
    return Refusal("bad_book", f"The tariff book is not right: {what}", f"电价册有误：{what}", field=path)
