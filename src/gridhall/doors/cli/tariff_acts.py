"""`gridhall tariff send | take-back | approve | reject | withdraw`: the life of a version, by a member of staff.

The acts are the office's, and so are the permissions, the second person and the audit.
"""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from gridhall.doors.cli import ready

if TYPE_CHECKING:
    from gridhall.kernel.access import Actor
    from gridhall.tariffs.public import VersionView

Number = Annotated[int, typer.Argument(help="Number of the version, as `gridhall tariff versions` shows it")]
Who = Annotated[str, typer.Option("--as", help="User name of the member of staff who does it; the password is asked")]
Why = Annotated[str, typer.Option("--reason", help="Why; it is kept with the version")]
BillAgain = Annotated[
    bool, typer.Option("--bill-again", help="Also into billed months; the bills to be made again are listed")
]


def versions(
    code: Annotated[
        str, typer.Argument(help="Code of the tariff; all that wait for somebody, where none is given")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value for machines")] = False,
) -> None:
    """The versions of a tariff and how each stands; without a code, the drafts and what waits for approval."""
    ready.database_ready()
    from gridhall.kernel import clock
    from gridhall.kernel.refusal import Refusal
    from gridhall.tariffs import public as tariffs

    if code:
        found = tariffs.versions(code)
        if not found:
            raise Refusal(
                "unknown_tariff", f"There is no tariff {code}.", f"没有电价 {code}。", field="tariff", value=code
            )
        rows = [_row(code, each, tariffs.standing(each, clock.today())) for each in found]
    else:
        rows = [_row(each.tariff_code, _version(each.version_id), each.state) for each in tariffs.waiting()]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        hands = ", ".join(f"{name} {row[name]}" for name in ("entered_by", "sent_by", "approved_by") if row[name])
        typer.echo(f"{row['version']}\t{row['tariff']}\tfrom {row['from']}\t{row['state']}\t{hands}")


def _row(code: str, version: "VersionView", state: str) -> dict[str, object]:
    return {
        "version": version.version_id, "tariff": code, "from": version.from_on.isoformat(),
        "until": version.until_on.isoformat() if version.until_on else None, "state": state,
        "entered_by": version.entered_by, "sent_by": version.sent_by, "approved_by": version.approved_by,
        "reason": version.reason,
    }  # fmt: skip


def send(version: Number, who: Who) -> None:
    """Lay a draft before another person for approval (permission tariffs.enter)."""
    _do("send", version, who)


def take_back(version: Number, who: Who) -> None:
    """Take a version that waits for approval back, to change it (permission tariffs.enter)."""
    _do("take_back", version, who)


def approve(version: Number, who: Who, bill_again: BillAgain = False) -> None:
    """Put a version in force that was sent for approval (permission tariffs.approve); never by one who wrote or sent
    it."""
    _do("approve", version, who, bill_again)
    if bill_again:
        list_bills_of(version)


def reject(version: Number, who: Who, reason: Why) -> None:
    """Send a version back to the one who entered it and say why (permission tariffs.approve)."""
    _do("reject", version, who, reason)


def withdraw(version: Number, who: Who, reason: Why = "") -> None:
    """Put a draft away (permission tariffs.enter). An approved version stays: bills stand on it."""
    _do("withdraw", version, who, reason)


def _do(act: str, version_id: int, who: str, *more: object) -> None:
    """Do an act of the room's, as this member of staff, and say how the version stands then."""
    ready.database_ready()
    from gridhall.doors.cli.signing import signed_in
    from gridhall.kernel import clock
    from gridhall.tariffs import public as tariffs

    acts: dict[str, Callable[..., None]] = {
        "send": tariffs.send, "take_back": tariffs.take_back, "approve": tariffs.approve, "reject": tariffs.reject,
        "withdraw": tariffs.withdraw,
    }  # fmt: skip
    actor: Actor = signed_in(who)
    acts[act](actor, version_id, *more)
    typer.echo(f"version {version_id}: {tariffs.standing(_version(version_id), clock.today())}")


def list_bills_of(version_id: int) -> None:
    """What is to be made again after a version was put in force for days that are billed, one line a bill."""
    from gridhall.billing import public as billing
    from gridhall.customers import public as customers

    keys = billing.bills_of_version(version_id)
    numbers = {view.account_id: view.number for view in customers.accounts([key.account_id for key in keys]).values()}
    for key in keys:
        month = f"{key.period // 100}-{key.period % 100:02d}"
        typer.echo(f"  gridhall bill rebill {numbers[key.account_id]} --period {month} --reason …")
    typer.echo(f"{len(keys):,} bills to be made again")


COMMANDS: dict[str, Callable[..., None]] = {
    "versions": versions, "send": send, "take-back": take_back, "approve": approve, "reject": reject,
    "withdraw": withdraw,
}  # fmt: skip


def _version(version_id: int) -> "VersionView":
    """A version by its number. Refuses `unknown_version`."""
    from gridhall.kernel.refusal import Refusal
    from gridhall.tariffs import public as tariffs

    try:
        found = tariffs.tariff_of_version(version_id).version
    except LookupError:
        found = None
    if found is None:
        raise Refusal(
            "unknown_version", f"There is no tariff version {version_id}.", f"没有电价版本 {version_id}。",
            field="version", value=str(version_id),
        )  # fmt: skip
    return found
