"""What is said on an occasion: written by one person, approved by another, in force from a day, never changed after."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.notices.models import APPROVED, DRAFT, Text
from gridhall.notices.occasions import BY_CODE, BY_NAME, Occasion
from gridhall.notices.refusals import refusal
from gridhall.notices.rendering import BODY_MOST, TITLE_MOST, Words, check_text, say


@dataclass(frozen=True)
class NewText:
    """A text as it is entered. `occasion`: its name."""

    occasion: str
    from_on: date
    title_zh: str
    body_zh: str
    title_en: str
    body_en: str


@dataclass(frozen=True)
class TextView:
    """A version of a text."""

    id: int
    occasion: Occasion
    from_on: date
    title_zh: str
    body_zh: str
    title_en: str
    body_en: str
    state: str
    made_by: str
    made_at: datetime
    approved_by: str
    approved_at: datetime | None

    def words(self, values: dict[str, object], language: str) -> Words:
        """What it says with these values."""
        title, body = (self.title_zh, self.body_zh) if language == "zh" else (self.title_en, self.body_en)
        return Words(say(self.occasion, title, values, language), say(self.occasion, body, values, language))

    def example(self, language: str) -> Words:
        """What it says in a made-up case."""
        names = {"account": "3102001016", "name": "张伟" if language == "zh" else "Zhang Wei"}
        return self.words({**names, **self.occasion.example}, language)


def occasion_of(name: str) -> Occasion:
    """Refuses: unknown_occasion."""
    found = BY_NAME.get(name)
    if found is None:
        raise refusal("unknown_occasion", field="occasion", value=name)
    return found


def check(new: NewText) -> Occasion:
    """The occasion of a text whose words are in order. Refuses: unknown_occasion, text_missing, text_too_long,
    broken_placeholder, unknown_placeholder (field, value)."""
    occasion = occasion_of(new.occasion)
    for field, text, most in (
        ("title_zh", new.title_zh, TITLE_MOST), ("body_zh", new.body_zh, BODY_MOST),
        ("title_en", new.title_en, TITLE_MOST), ("body_en", new.body_en, BODY_MOST),
    ):  # fmt: skip
        check_text(occasion, field, text, most)
    return occasion


def write_text(actor: Actor, new: NewText) -> int:
    """Enter a text, to be approved: its number. Refuses: not_allowed, unknown_occasion, text_missing, text_too_long,
    broken_placeholder, unknown_placeholder (field, value), text_in_the_past."""
    actor.require("notices.write")
    occasion = check(new)
    if new.from_on < clock.today():
        raise refusal("text_in_the_past", field="from_on", value=new.from_on)
    with transaction.atomic():
        made = Text.objects.create(
            occasion=occasion.code, from_on=new.from_on, title_zh=new.title_zh.strip(), body_zh=new.body_zh.strip(),
            title_en=new.title_en.strip(), body_en=new.body_en.strip(), made_by=actor.name, made_at=clock.now(),
        )  # fmt: skip
        audit.record(
            actor, "notices.write", f"text:{made.pk}", after={"occasion": new.occasion, "from": new.from_on.isoformat()}
        )
    return int(made.pk)


def decide_text(actor: Actor, text_id: int, *, approve: bool) -> None:
    """A second person's word on a text: it is in force from its day (today, where that has passed), or it goes.
    Refuses: not_allowed, unknown_text, wrong_text_state, second_person_needed."""
    actor.require("notices.approve")
    with transaction.atomic():
        found = Text.objects.select_for_update().filter(pk=text_id).first()
        if found is None:
            raise refusal("unknown_text", field="text", value=text_id)
        if found.state != DRAFT:
            raise refusal("wrong_text_state", field="text", value=text_id)
        if found.made_by == actor.name:
            raise refusal("second_person_needed", field="text", value=text_id)
        after = {"occasion": BY_CODE[found.occasion].name, "approved": approve}
        audit.record(actor, "notices.decide", f"text:{text_id}", after=after)
        if not approve:
            found.delete()
            return
        found.state, found.approved_by, found.approved_at = APPROVED, actor.name, clock.now()
        found.from_on = max(found.from_on, clock.today())
        found.save()


def texts() -> list[TextView]:
    """All versions, by occasion, the newest first."""
    return [_view(each) for each in Text.objects.order_by("occasion", "-from_on", "-pk")]


def text(text_id: int) -> TextView:
    """Refuses: unknown_text."""
    found = Text.objects.filter(pk=text_id).first()
    if found is None:
        raise refusal("unknown_text", field="text", value=text_id)
    return _view(found)


def in_force(occasion: Occasion, on: date) -> int:
    """The number of the version that is in force on a day."""
    found = (
        Text.objects.filter(occasion=occasion.code, state=APPROVED, from_on__lte=on)
        .order_by("-from_on", "-approved_at", "-pk").values_list("pk", flat=True).first()
    )  # fmt: skip
    if found is None:
        raise refusal("unknown_text", field="occasion", value=occasion.name)
    return int(found)


def _view(each: Text) -> TextView:
    return TextView(
        each.pk, BY_CODE[each.occasion], each.from_on, each.title_zh, each.body_zh, each.title_en, each.body_en,
        each.state, each.made_by, each.made_at, each.approved_by, each.approved_at,
    )  # fmt: skip


def texts_numbered(numbers: Iterable[int]) -> list[TextView]:
    """Versions by their numbers: one query."""
    return [_view(each) for each in Text.objects.filter(pk__in=list(numbers))]


@dataclass(frozen=True)
class Seen:
    """A text in a made-up case, in both languages."""

    zh: Words
    en: Words


def preview(new: NewText) -> Seen:
    """What a text would say; nothing is kept. Refuses as `write_text` does, the day apart."""
    occasion = check(new)
    seen = TextView(
        0, occasion, new.from_on, new.title_zh, new.body_zh, new.title_en, new.body_en, DRAFT, "", clock.now(), "", None
    )
    return Seen(seen.example("zh"), seen.example("en"))
