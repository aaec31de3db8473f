"""`gridhall customer`: terms of supply changed from a day on."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from gridhall.customers import public as customers
from gridhall.doors.cli.given import day_of
from gridhall.doors.cli.signing import signed_in
from gridhall.kernel.access import system
from gridhall.kernel.refusal import Refusal

app = typer.Typer(help="Terms of supply, changed from a day on.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Terms of supply, changed from a day on."""


def _whole(field: str, text: str, scale: int) -> int:
    """A decimal in whole parts of `scale` to the unit. Refuses `bad_number`, `too_many_decimals`."""
    try:
        value = Decimal(text) * scale
        exact = value.is_finite() and value == int(value)
    except (InvalidOperation, OverflowError, ValueError):
        raise Refusal(
            "bad_number", f"“{text}” is not a number.", f"“{text}”不是数字。", field=field, value=text
        ) from None
    if not exact:
        raise Refusal("too_many_decimals", "It has too many decimals.", "小数位数过多。", field=field, value=text)
    return int(value)


@app.command("sub-supply")
def sub_supply(
    account: Annotated[str, typer.Argument(help="Customer number")],
    since: Annotated[str, typer.Option(help="First day on which it is so, YYYY-MM-DD")],
    percent: Annotated[str, typer.Option(help="Share of the use, per cent (12.5); 0 none")] = "0",
    kwh: Annotated[str, typer.Option(help="Fixed energy a month, kWh; 0 none")] = "0",
    who: Annotated[str, typer.Option("--as", help="User name of the one who enters it; the password is asked")] = "",
) -> None:
    """From a day on a part of the use is another class's, as agreed: a share, a fixed energy a month, or both.

    It is priced where the tariff has `sub-supplies: [{as agreed: true, …}]`.
    """
    found = customers.account_by_number(account)
    if found is None:
        raise Refusal(
            "unknown_account",
            f"There is no customer {account}.",
            f"没有户号 {account}。",
            field="number",
            value=account,
        )
    change = customers.TermChange(
        found.account_id, day_of(since, "since"), sub_share=_whole("percent", percent, 100),
        sub_wh=_whole("kwh", kwh, 1000),
    )  # fmt: skip
    customers.change_terms(signed_in(who) if who else system("cli"), [change])
    typer.echo(f"{account}: {percent} % and {kwh} kWh a month from {since} on")
