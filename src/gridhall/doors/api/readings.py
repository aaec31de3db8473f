"""Readings: sent in batches by a head-end system, each row accepted, held or refused; register values looked up."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Header, Router, Schema

from gridhall.doors.api.access import PRINTABLE, account_of, caller
from gridhall.doors.api.problems import Problem, body
from gridhall.kernel import idempotency
from gridhall.metering import public as metering

router = Router(tags=["readings"])
ERRORS = frozenset({400, 401, 403, 404, 409, 422})
BATCH_MAX = 10_000
TOU = {
    "total": metering.TOTAL, "sharp": metering.SHARP, "peak": metering.PEAK, "flat": metering.FLAT,
    "valley": metering.VALLEY, "reactive": metering.REACTIVE, "demand": metering.DEMAND,
    "deep_valley": metering.DEEP_VALLEY, "demand_sharp": 8, "demand_peak": 9, "demand_flat": 10, "demand_valley": 11,
    "demand_deep_valley": 12, "export": 13, "export_sharp": 14, "export_peak": 15, "export_flat": 16,
    "export_valley": 17, "export_deep_valley": 18, "reactive_export": 19,
}  # fmt: skip
_TOU_NAMES = {code: name for name, code in TOU.items()}
_STATES = {metering.ACCEPTED: "accepted", metering.HELD: "held", metering.REJECTED: "rejected"}


class ReadingAsked(Schema):
    """One reading: what the face of the register shows, as a decimal string."""

    meter: Annotated[str, Field(min_length=1, max_length=32, pattern=PRINTABLE)]
    register_name: Annotated[
        str, Field(alias="register", pattern=r"^(total|sharp|peak|flat|valley|reactive|demand)$")
    ] = "total"
    value: Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,6})?$")]
    read_on: date
    period: Annotated[int, Field(ge=0, le=999912)] = 0


class ReadingsAsked(Schema):
    """A batch of 1 to 10,000 readings."""

    readings: Annotated[list[ReadingAsked], Field(min_length=1, max_length=BATCH_MAX)]


class ReadingsAnswer(Schema):
    """What became of the rows. Held ones wait for a person; refused ones name row, field and value."""

    rows: int
    accepted: int
    held: int
    refused: list[Problem]


class RegisterValue(Schema):
    """A register's value for a period. `value` as the face shows it; `wh`: use since the value before, in Wh."""

    period: int
    meter: str
    register_name: Annotated[str, Field(alias="register")]
    read_on: date
    value: str
    estimated: bool
    state: str
    wh: int


def _decimals(value: str) -> int:
    return len(value.partition(".")[2])


@router.post("/readings", response={200: ReadingsAnswer, ERRORS: Problem}, summary="Send readings")
def send(
    request: HttpRequest,
    asked: ReadingsAsked,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=100)],
) -> dict[str, Any]:
    """Take a batch. A row sent again is refused as `already_read` and changes nothing, so a batch may be repeated."""
    actor = caller(request, "readings.take")
    idempotency.claim(f"api:{actor.id}:readings", idempotency_key, request.body)
    rows = asked.readings
    taken = metering.take_readings(
        actor,
        metering.NewReadings(
            serial=[row.meter for row in rows],
            tou=[TOU[row.register_name] for row in rows],
            read_on=[row.read_on for row in rows],
            value=[int(row.value.replace(".", "")) for row in rows],
            value_decimals=[_decimals(row.value) for row in rows],
            period=[row.period for row in rows],
        ),
        source="api",
        name=actor.name,
    )
    return {
        "rows": taken.rows,
        "accepted": taken.accepted,
        "held": taken.held,
        "refused": [body(request, refusal, 422) for refusal in taken.refused],
    }


@router.get(
    "/accounts/{number}/readings", response={200: list[RegisterValue], ERRORS: Problem}, summary="Register values"
)
def values(request: HttpRequest, number: str) -> list[RegisterValue]:
    """The register values of an account month by month, the newest first."""
    found = account_of(caller(request, "readings.see"), number)
    return [
        RegisterValue(
            period=row.period,
            meter=row.serial,
            register_name=_TOU_NAMES.get(row.tou, "total"),
            read_on=row.read_on,
            value=str(Decimal(row.value).scaleb(-row.decimals)),
            estimated=row.kind == metering.ESTIMATED,
            state=_STATES.get(row.state, "other"),
            wh=row.wh,
        )
        for row in metering.register_values(found.account_id)
    ]
