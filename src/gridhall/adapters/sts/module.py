"""The security module: orders in, tokens out. Vending keys and meters' keys never leave it.

An order names its number, which makes it single: the same number with the same order gets the same tokens again, with
another order it is refused. All orders of one message are carried out together or not at all.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from gridhall.adapters.sts import tokens
from gridhall.adapters.sts.journal import Journal
from gridhall.adapters.sts.keys import BadMeter, Meter, meter_key
from gridhall.adapters.sts.tokens import BadToken
from gridhall.adapters.sts.vault import Vault, VaultError

ORDERS_MOST = 10_000
METER_FIELDS = ("number", "supply_group", "tariff_index", "revision", "key_type", "base", "expiry")


class BadOrder(Exception):
    """An order that is not carried out: its place in the message, the field, and why."""

    def __init__(self, row: int, field: str, why: str) -> None:
        super().__init__(f"order {row + 1}: {field} {why}")
        self.row, self.field, self.why = row, field, why


@dataclass(frozen=True)
class Limits:
    """What the module makes at most, whoever asks. `credit_wh`: in one token."""

    credit_wh: int = 10_000_000


class Module:
    """Makes tokens. `moment` in every order is the meter's local time, without a zone."""

    def __init__(self, vault: Vault, journal: Journal, limits: Limits) -> None:
        self._vault, self._journal, self._limits = vault, journal, limits
        self._key = lru_cache(maxsize=100_000)(self._meter_key)

    def do(self, orders: Sequence[Mapping[str, Any]]) -> list[list[str]]:
        """The tokens of each order. Raises BadOrder; then nothing was done."""
        if len(orders) > ORDERS_MOST:
            raise BadOrder(ORDERS_MOST, "orders", f"are more than {ORDERS_MOST} in one message")
        answers = []
        with self._journal.all_or_nothing():
            for row, order in enumerate(orders):
                try:
                    answers.append(self._one(order))
                except (BadMeter, BadToken) as error:
                    raise BadOrder(row, error.field, error.why) from error
                except VaultError as error:
                    raise BadOrder(row, "vending_key", str(error)) from error
        return answers

    def _one(self, order: Mapping[str, Any]) -> list[str]:
        number = _text(order, "order_no", 64)
        asked = json.dumps(order, sort_keys=True, separators=(",", ":"))
        before = self._journal.made(number)
        if before is not None:
            if before[0] != asked:
                raise BadToken("order_no", "has come before with another order")
            return before[1]
        act = _ACTS.get(_text(order, "act", 20))
        if act is None:
            raise BadToken("act", f"is none of {', '.join(_ACTS)}")
        made = act(self, order)
        meter = order.get("meter")
        subject = str(meter.get("number", "")) if isinstance(meter, Mapping) else ""
        self._journal.put(number, asked, made, subject, _moment(order).isoformat())
        return made

    def _credit(self, order: Mapping[str, Any]) -> list[str]:
        wh = _whole(order, "wh")
        if wh > self._limits.credit_wh:
            raise BadToken("wh", f"is beyond the module's limit of {self._limits.credit_wh}")
        meter, key = self._meter(order, "meter")
        return [tokens.credit(wh, self._identifier(order, meter), secrets.randbelow(16), key)]

    def _engineering(self, order: Mapping[str, Any]) -> list[str]:
        meter, key = self._meter(order, "meter")
        kind = _text(order, "kind", 20)
        if kind not in _KINDS:
            raise BadToken("kind", f"is none of {', '.join(_KINDS)}")
        value = _whole(order, "value") if "value" in order else 0
        random = secrets.randbelow(16)
        return [tokens.engineering(_KINDS[kind], value, self._identifier(order, meter), random, key)]

    def _key_change(self, order: Mapping[str, Any]) -> list[str]:
        """The meter's new key; where the base date changes too, a roll-over."""
        old, old_key = self._meter(order, "meter")
        new, new_key = self._meter(order, "to")
        if old == new and order["meter"].get("vending_key") == order["to"].get("vending_key"):
            raise BadToken("to", "is what the meter is set to already")
        return list(tokens.key_change(old, new, old_key, new_key, old.base != new.base))

    def _test(self, order: Mapping[str, Any]) -> list[str]:
        return [tokens.test_token(_whole(order, "control"), _whole(order, "manufacturer"))]

    def _identifier(self, order: Mapping[str, Any], meter: Meter) -> int:
        found = tokens.identifier_of(_moment(order), meter, self._journal.last(meter.number, meter.base))
        self._journal.used(meter.number, meter.base, found)
        return found

    def _meter(self, order: Mapping[str, Any], field: str) -> tuple[Meter, bytes]:
        given = order.get(field)
        if not isinstance(given, Mapping):
            raise BadToken(field, "is missing")
        unknown = sorted(set(given) - {*METER_FIELDS, "vending_key"})
        if unknown:
            raise BadToken(f"{field}.{unknown[0]}", "is not known")
        for name in METER_FIELDS[:3]:
            if name in given and not isinstance(given[name], str):
                raise BadToken(f"{field}.{name}", "is no text")
        for name in METER_FIELDS[3:]:
            if name in given and (not isinstance(given[name], int) or isinstance(given[name], bool)):
                raise BadToken(f"{field}.{name}", "is no whole number")
        if "number" not in given or "supply_group" not in given:
            raise BadToken(field, "names no number or no supply_group")
        meter = Meter(**{name: given[name] for name in METER_FIELDS if name in given})
        return meter, self._key(_text(given, "vending_key", 40), meter)

    def _meter_key(self, name: str, meter: Meter) -> bytes:
        return meter_key(self._vault.key(name), meter)


_KINDS = {
    "power_limit": tokens.POWER_LIMIT, "clear_credit": tokens.CLEAR_CREDIT, "clear_tamper": tokens.CLEAR_TAMPER,
    "unbalance_limit": tokens.UNBALANCE_LIMIT,
}  # fmt: skip
_ACTS = {
    "credit": Module._credit,
    "engineering": Module._engineering,
    "key_change": Module._key_change,
    "test": Module._test,
}


def _text(order: Mapping[str, Any], field: str, most: int) -> str:
    value = order.get(field)
    if not isinstance(value, str) or not 1 <= len(value) <= most or not value.isprintable():
        raise BadToken(field, f"is no text of 1 to {most} characters")
    return value


def _whole(order: Mapping[str, Any], field: str) -> int:
    value = order.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadToken(field, "is no whole number from 0")
    return value


def _moment(order: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(_text(order, "moment", 32))
    except ValueError as error:
        raise BadToken("moment", "is no date and time") from error
