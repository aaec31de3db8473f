"""Tariffs in force, with their policy text."""

from datetime import date

from django.http import HttpRequest
from ninja import Router, Schema

from gridhall.doors.api.access import caller
from gridhall.doors.api.problems import Problem
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.tariffs import public as tariffs

router = Router(tags=["tariffs"])


class TariffComponent(Schema):
    """One part of the tariff, in words."""

    key: str
    kind: str
    name_zh: str
    name_en: str
    clause_zh: str
    clause_en: str


class Tariff(Schema):
    """A tariff as in force on a day. `content_hash` is what bills store."""

    code: str
    name_zh: str
    name_en: str
    currency: str
    from_on: date
    until_on: date | None
    source: str
    sample: bool
    content_hash: str
    components: list[TariffComponent]


@router.get(
    "/tariffs/{code}", response={200: Tariff, frozenset({400, 401, 403, 404}): Problem}, summary="A tariff in force"
)
def tariff(request: HttpRequest, code: str, on: date | None = None) -> Tariff:
    """The version in force on a day (today when not given)."""
    caller(request, "tariffs.see")
    view = tariffs.tariff_in_force(code, on or clock.today()) if code.isprintable() else None
    version = view.version if view else None
    if view is None or version is None:
        raise Refusal(
            "unknown_tariff", f"No tariff {code} is in force.", f"没有执行中的电价 {code}。", field="code", value=code
        )
    return Tariff(
        code=view.code,
        name_zh=view.name_zh,
        name_en=view.name_en,
        currency=view.currency,
        from_on=version.from_on,
        until_on=version.until_on,
        source=version.source,
        sample=version.sample,
        content_hash=version.content_hash,
        components=[
            TariffComponent(
                key=part.key,
                kind=part.kind,
                name_zh=part.name_zh,
                name_en=part.name_en,
                clause_zh=part.clause_zh,
                clause_en=part.clause_en,
            )
            for part in version.components
        ],
    )
