"""Writing tariffs: a book is entered as drafts; another person approves; what follows supersedes what was."""

from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.db.models import Q

from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.rules.plan import CompiledPlan
from gridhall.tariffs import models, queries
from gridhall.tariffs.book import Book, BookError, Version, load_book
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.examples import run_version
from gridhall.tariffs.windows import read_seasons


def check_book(text: str) -> list[CompiledPlan]:
    """Read and compile a book and rate its examples without keeping it. Refuses `bad_book`, naming the place."""
    return [plan for _, plan in _compiled(text)[1]]


def enter_book(actor: Actor, text: str) -> list[int]:
    """Keep every version of a book that is new as a draft; returns their ids, in the order of the book.

    A version that is there already with the same numbers keeps its id. Refuses `bad_book` (field: path in the book)
    and `approved_already` (another approved version begins on the same day).
    """
    actor.require("tariffs.enter")
    book, versions = _compiled(text)
    with transaction.atomic():
        models.Tariff.objects.update_or_create(
            code=book.code,
            defaults={
                "name_en": book.name_en,
                "name_zh": book.name_zh,
                "currency": book.currency,
                "class_code": book.class_code,
            },
        )
        entered = [_enter(actor, book, version, text, plan) for version, plan in versions]
    queries.forget()
    return entered


InForce = Callable[[str, date, date | None], None]  # tariff, first day, first day that is no longer (None: open)
_objections: list[InForce] = []


def before_approval(objects: InForce) -> None:
    """Let a room above refuse a version to be put in force, in the transaction that does."""
    if objects not in _objections:
        _objections.append(objects)


def approve(actor: Actor, version_id: int, bill_again: bool = False) -> None:
    """Put a draft in force. Another person than the one who entered it; Gridhall itself may do both for shipped
    samples.

    The version before it ends on the day this one begins. `bill_again`: that bills have been made for days of it is
    known, and they will be made again. Refuses: unknown_version, approved_already, same_person, and what a room above
    has to say (`before_approval`): billed_already.
    """
    actor.require("tariffs.approve")
    with transaction.atomic():
        version = models.TariffVersion.objects.select_for_update().filter(id=version_id).first()
        if version is None:
            raise Refusal(
                "unknown_version", f"There is no tariff version {version_id}.", f"没有电价版本 {version_id}。"
            )
        if version.state == models.APPROVED:
            return
        if actor.kind != "system" and version.entered_by == actor.name:
            raise Refusal(
                "same_person",
                "Another person than the one who entered it approves a tariff.",
                "录入人不得自行审批电价。",
            )
        _supersede(version)
        for objects in () if bill_again else _objections:
            objects(version.tariff_id, version.from_on, version.until_on)
        version.state, version.approved_by, version.approved_at = models.APPROVED, actor.name, clock.now()
        version.save(update_fields=["state", "approved_by", "approved_at"])
        audit.record(
            actor, "tariffs.approve", f"tariff:{version.tariff_id}",
            after={"version": version.pk, "from_on": version.from_on.isoformat(), "hash": version.content_hash},
        )  # fmt: skip
    queries.forget()


def withdraw(actor: Actor, version_id: int) -> None:
    """Take back a draft. An approved version stays: bills stand on it."""
    actor.require("tariffs.enter")
    done = models.TariffVersion.objects.filter(id=version_id, state=models.DRAFT).update(state=models.WITHDRAWN)
    if not done:
        raise Refusal("unknown_version", f"There is no draft {version_id}.", f"没有草稿版本 {version_id}。")
    audit.record(actor, "tariffs.withdraw", f"version:{version_id}")


def _supersede(version: models.TariffVersion) -> None:
    others = models.TariffVersion.objects.filter(tariff_id=version.tariff_id, state=models.APPROVED)
    if others.filter(from_on=version.from_on).exists():
        raise _approved_already(version.from_on)
    earlier = others.filter(from_on__lt=version.from_on).filter(
        Q(until_on__isnull=True) | Q(until_on__gt=version.from_on)
    )
    earlier.update(until_on=version.from_on)
    later = others.filter(from_on__gt=version.from_on).order_by("from_on").first()
    if later is not None and (version.until_on is None or version.until_on > later.from_on):
        version.until_on = later.from_on
        version.save(update_fields=["until_on"])


def _enter(actor: Actor, book: Book, version: Version, text: str, plan: CompiledPlan) -> int:
    there = models.TariffVersion.objects.filter(tariff_id=book.code, from_on=version.from_on)
    for row in there.exclude(state=models.WITHDRAWN):
        if row.content_hash == plan.content_hash:
            return int(row.pk)
        if row.state == models.APPROVED:
            raise _approved_already(version.from_on)
    seasons = read_seasons(book, version.body, ("versions", version.index)).names
    row = models.TariffVersion.objects.create(
        tariff_id=book.code,
        from_on=version.from_on,
        until_on=version.until_on,
        book=text,
        source=version.source,
        sample=version.sample,
        policy_en=book.policy.en,
        policy_zh=book.policy.zh,
        note_en=version.note.en,
        note_zh=version.note.zh,
        seasons=list(seasons),
        content_hash=plan.content_hash,
        state=models.DRAFT,
        entered_by=actor.name,
        table=list(plan.table),
        decimals=plan.decimals,
    )
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


def _approved_already(from_on: date) -> Refusal:
    return Refusal(
        "approved_already", f"Another approved version begins on {from_on}.", f"{from_on} 起已有另一已审批版本。",
        field="from", value=from_on.isoformat(),
    )  # fmt: skip


def _compiled(text: str) -> tuple[Book, list[tuple[Version, CompiledPlan]]]:
    """The book and its versions with their plans; every example in it must come to what it states."""
    try:
        book = load_book(text)
        plans = [(version, compile_version(book, version)) for version in book.versions]
        for version, plan in plans:
            for result in run_version(book, version, plan):
                if not result.holds:
                    raise _bad_book(
                        result.path,
                        f"example “{result.title}” states {result.stated}, rated it comes to {result.rated}",
                    )
    except BookError as bad:
        raise _bad_book(bad.path, str(bad)) from bad
    return book, plans


def _bad_book(path: str, what: str) -> Refusal:
    return Refusal("bad_book", f"The tariff book is not right: {what}", f"电价册有误：{what}", field=path)
