"""Tokens to the published compliance values, and back through a keypad meter."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gridhall.adapters.sts import tokens
from gridhall.adapters.sts.keys import BadMeter, Meter, meter_key, passes_luhn, with_check_digit
from gridhall.adapters.sts.misty1 import decrypt, encrypt
from gridhall.adapters.sts.simulator import ACCEPTED, OLD, REJECTED, REMEMBERED, USED, KeypadMeter
from gridhall.adapters.sts.tokens import BadToken

GOLDEN: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "golden.yaml").read_text())
SHARED = Path(__file__).parents[3] / "shared" / "cases" / "sts" / "sts531_ea11.json"
VENDING = bytes.fromhex(GOLDEN["vending_key"])
NUMBER = "600727000000000009"
BITS_64 = st.integers(0, 2**64 - 1)
KEYS = st.binary(min_size=16, max_size=16)


def meter(**changed: Any) -> Meter:
    return Meter(**{"number": NUMBER, **GOLDEN["meter"], **changed})


def at(text: object) -> datetime:
    """A moment of a meter's local time, from text or as YAML has read it."""
    return text if isinstance(text, datetime) else datetime.fromisoformat(str(text))


@pytest.mark.parametrize("block", GOLDEN["cipher"]["blocks"], ids=lambda block: block["plain"])
def test_the_cipher_gives_the_values_of_its_rfc(block: dict[str, str]) -> None:
    key, plain, cipher = bytes.fromhex(GOLDEN["cipher"]["key"]), int(block["plain"], 16), int(block["cipher"], 16)
    assert (encrypt(plain, key), decrypt(cipher, key)) == (cipher, plain)


@given(BITS_64, KEYS)
def test_the_cipher_goes_back(block: int, key: bytes) -> None:
    assert decrypt(encrypt(block, key), key) == block


@pytest.mark.parametrize("case", GOLDEN["credits"], ids=lambda case: case["token"])
def test_credit_tokens_are_those_of_the_standard(case: dict[str, Any]) -> None:
    of = meter(number=case["number"])
    identifier = tokens.identifier_of(at(case["issued"]), of)
    key, kind = meter_key(VENDING, of), case.get("kind", tokens.ELECTRICITY)
    assert tokens.credit(case["wh"], identifier, GOLDEN["random"], key, kind) == case["token"]
    assert KeypadMeter(key).enter(case["token"]) == (ACCEPTED if kind == tokens.ELECTRICITY else REJECTED)


def test_key_change_tokens_are_those_of_the_standard() -> None:
    old, new = meter(), meter(tariff_index=GOLDEN["key_change"]["tariff_index"])
    old_key, new_key = meter_key(VENDING, old), meter_key(VENDING, new)
    made = tokens.key_change(old, new, old_key, new_key, roll_over=False)
    assert list(made) == GOLDEN["key_change"]["tokens"]
    after = GOLDEN["key_change"]["credit_after"]
    identifier = tokens.identifier_of(at(after["issued"]), new)
    credit = tokens.credit(after["wh"], identifier, GOLDEN["random"], new_key)
    assert credit == after["token"]
    # a meter that is keyed the four in any order takes credit under the new key alone
    keypad = KeypadMeter(old_key)
    assert keypad.enter(credit) == REJECTED
    assert [keypad.enter(made[k]) for k in (2, 0, 3, 1)] == [ACCEPTED] * 4
    assert (keypad.enter(credit), keypad.credit_wh) == (ACCEPTED, 100)


@pytest.mark.skipif(not SHARED.exists(), reason="the golden table above holds the same values")
def test_the_shared_cases() -> None:
    shared = json.loads(SHARED.read_text())
    *credits, change = shared["cases"]
    assert [(case["pan"], case["expected"]) for case in credits] == [
        (case["number"], case["token"]) for case in GOLDEN["credits"]
    ]
    assert change["expected"] == [*GOLDEN["key_change"]["tokens"], GOLDEN["key_change"]["credit_after"]["token"]]


@pytest.mark.parametrize("case", GOLDEN["amounts"], ids=lambda case: str(case["wh"]))
def test_amounts_in_sixteen_bits(case: dict[str, int]) -> None:
    assert tokens.field_of_energy(case["wh"]) == case["field"]
    assert tokens.energy_of_field(case["field"]) == case["wh"]


@given(st.integers(0, (1 << 16) - 1))
def test_every_field_is_one_amount_and_they_rise(field: int) -> None:
    wh = tokens.energy_of_field(field)
    if field:
        assert tokens.field_of_energy(wh) == field
        assert wh > tokens.energy_of_field(field - 1)


@given(st.integers(0, 2 * 10**9))
def test_the_largest_that_can_be_said_is_below_and_near(wh: int) -> None:
    said = tokens.largest_sayable(wh)
    assert said <= wh
    if said:
        field = tokens.field_of_energy(said)
        assert field == (1 << 16) - 1 or tokens.energy_of_field(field + 1) > wh
    else:
        assert wh < tokens.STEP_WH


@pytest.mark.parametrize("wh", [0, -100, 50, 1_638_450, 1_638_500, 18_022_500, 2 * 10**9])
def test_energy_that_cannot_be_said_is_refused(wh: int) -> None:
    with pytest.raises(BadToken, match="energy"):
        tokens.field_of_energy(wh)


def test_identifiers_count_minutes_leave_one_free_and_never_go_back() -> None:
    of = meter()
    assert tokens.identifier_of(at("1993-01-01 00:02"), of) == 2
    assert tokens.identifier_of(at("1993-01-02 00:00"), of) == 1440
    assert tokens.identifier_of(at("1993-01-02 00:01"), of) == 1442  # 00:01 is kept free
    assert tokens.identifier_of(at("1993-01-02 00:00"), of, last=1440) == 1442
    assert tokens.identifier_of(at("2004-03-01 00:00"), of, last=9_000_010) == 9_000_011


def test_the_identifiers_of_1993_end_in_november_2024() -> None:
    """2²⁴ minutes are 11,650 days and 20:15: the last minute is 2024-11-24 20:15; the base date 2014 goes on."""
    assert tokens.identifier_of(at("2024-11-24 20:15"), meter()) == 2**24 - 1
    with pytest.raises(BadToken, match="change the key"):
        tokens.identifier_of(at("2024-11-24 20:16"), meter())
    assert tokens.identifier_of(at("2024-11-24 20:16"), meter(base=2014)) > 0
    with pytest.raises(BadToken, match="expired"):
        tokens.identifier_of(at("2004-03-01 00:00"), meter(expiry=80))


def test_a_roll_over_changes_the_base_and_the_meter_forgets() -> None:
    old, new = meter(), meter(base=2014)
    old_key, new_key = meter_key(VENDING, old), meter_key(VENDING, new)
    keypad = KeypadMeter(old_key)
    high = tokens.identifier_of(at("2024-11-01 00:00"), old)
    assert keypad.enter(tokens.credit(100, high, 0, old_key)) == ACCEPTED
    for token in tokens.key_change(old, new, old_key, new_key, roll_over=True):
        assert keypad.enter(token) == ACCEPTED
    low = tokens.identifier_of(at("2024-11-02 00:00"), new)
    assert low < high
    assert keypad.enter(tokens.credit(200, low, 0, new_key)) == ACCEPTED
    assert keypad.credit_wh == 300
    for other, roll_over in ((new, False), (meter(tariff_index="02"), True)):
        with pytest.raises(BadToken, match="roll-over"):
            tokens.key_change(old, other, old_key, new_key, roll_over)
    with pytest.raises(BadToken, match="another meter"):
        tokens.key_change(old, meter(number="000001000000000082"), old_key, new_key, roll_over=False)


def test_a_meter_takes_a_token_once_and_no_old_ones() -> None:
    key = meter_key(VENDING, meter())
    keypad = KeypadMeter(key)
    credits = [tokens.credit(100, 1_000_000 + 5 * k, k % 16, key) for k in range(REMEMBERED + 2)]
    assert [keypad.enter(tokens.shown(each)) for each in credits[1:]] == [ACCEPTED] * (REMEMBERED + 1)
    assert keypad.enter(credits[5]) == USED
    assert keypad.enter(credits[0]) == OLD
    assert keypad.credit_wh == 100 * (REMEMBERED + 1)


def test_engineering_and_test_tokens() -> None:
    key = meter_key(VENDING, meter())
    keypad = KeypadMeter(key, credit_wh=500, tampered=True)
    for k, (kind, value) in enumerate(
        [(tokens.POWER_LIMIT, 3_000), (tokens.CLEAR_TAMPER, 0), (tokens.CLEAR_CREDIT, 0xFFFF)]
    ):
        assert keypad.enter(tokens.engineering(kind, value, 100 + k, 3, key)) == ACCEPTED
    assert (keypad.power_limit_w, keypad.tampered, keypad.credit_wh) == (3_000, False, 0)
    # a test token has no key: any meter takes it
    assert KeypadMeter(bytes(16)).enter(tokens.test_token(0b101, 7)) == ACCEPTED
    for bad in (lambda: tokens.engineering(tokens.KEY_1, 0, 1, 0, key), lambda: tokens.test_token(1 << 36, 0)):
        with pytest.raises(BadToken):
            bad()


@given(st.text("0123456789 -x", max_size=24))
def test_what_is_keyed_wrongly_is_rejected(text: str) -> None:
    assert KeypadMeter(bytes(16)).enter(text) == REJECTED or len(text) >= 20


@given(st.integers(0, 65), st.integers(1, 18_000), KEYS)
def test_a_token_with_a_wrong_bit_is_no_token(bit: int, tenths: int, key: bytes) -> None:
    """One bit of 66: the checksum sees it, except where it makes the number one of a class that has no key; then the
    16 bits of the checksum see it but once in 65,536."""
    token = int(tokens.credit(tenths * 100 if tenths <= 16_383 else 100, 5_000_000, 3, key))
    other = f"{token ^ 1 << bit:020d}"
    keypad = KeypadMeter(key)
    keypad.enter(other)
    assert keypad.credit_wh == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "600727000000000008"), ("number", "60072700000000009"), ("number", "六00727000000000009"),
        ("supply_group", "12345"), ("tariff_index", "1"), ("revision", 0), ("revision", 10), ("key_type", 4),
        ("base", 2000), ("expiry", 256),
    ],
)  # fmt: skip
def test_a_meter_that_cannot_be_is_refused_by_field(field: str, value: object) -> None:
    with pytest.raises(BadMeter) as refused:
        meter(**{field: value})
    assert refused.value.field == field


@given(st.text("0123456789", min_size=1, max_size=17))
def test_check_digits(digits: str) -> None:
    whole = with_check_digit(digits)
    assert passes_luhn(whole)
    assert not passes_luhn(whole[:-1] + str((int(whole[-1]) + 1) % 10))
