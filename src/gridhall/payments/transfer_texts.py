"""What the text of a transfer says: customer numbers, bill numbers, creditor references; and names beside names. Pure.

A customer number counts only where its check digit is right and no digit stands directly before or after it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from gridhall.kernel.ids import has_valid_check_digit
from gridhall.rules.transfer_match import (
    BILL_NUMBER,
    CREDITOR_REFERENCE,
    CUSTOMER_NUMBER,
    NAME_ALIKE,
    NO_NAME,
    OTHER_NAME,
    SAME_NAME,
    VIRTUAL_ACCOUNT,
)

NUMBER_DIGITS = 10
TOLD_MOST = 40  # numbers that one text can name; more is no reference

# A bill: year, month, customer number and which bill it is, as the bill itself prints it, with or without its dashes.
_BILL = re.compile(r"(?<!\d)(20\d{2})-?(0[1-9]|1[0-2])-?(\d{10})-?(\d{1,3})(?!\d)")
_CREDITOR = re.compile(r"(?<![A-Z0-9])RF(\d{2})(\d{10})(?!\d)")
# Digits with at most one blank or dash between two of them.
_DIGITS = re.compile(r"\d(?:[ \-]?\d)*")
_NOISE = re.compile(r"[\s·.,，。、()（）\-_/&'\"]+")


@dataclass(frozen=True)
class Named:
    """An account that a text names: its number, by what (rules.transfer_match), and the bill where that was named."""

    number: str
    reference: int
    period: int = 0
    seq: int = 0


def plain(text: str) -> str:
    """Text in one form: half-width, capitals."""
    return unicodedata.normalize("NFKC", text).upper()


def named_in(text: str, virtual_account: str = "", virtual_prefix: str = "") -> list[Named]:
    """The accounts that a transfer names, each once, by the surest way first."""
    found: dict[str, Named] = {}
    for each in (*_virtual(virtual_account, virtual_prefix), *_told(plain(text))):
        if each.number not in found:
            found[each.number] = each
    return list(found.values())[:TOLD_MOST]


def _virtual(account: str, prefix: str) -> Iterator[Named]:
    plain_account = re.sub(r"[\s\-]", "", plain(account))
    number = plain_account[len(prefix) :]
    if prefix and plain_account.startswith(prefix) and _is_number(number):
        yield Named(number, VIRTUAL_ACCOUNT)


def _told(text: str) -> Iterator[Named]:
    for match in _BILL.finditer(text):
        if _is_number(match[3]):
            yield Named(match[3], BILL_NUMBER, int(match[1] + match[2]), int(match[4]))
    for match in _CREDITOR.finditer(text):
        if _is_number(match[2]) and creditor_check(match[2]) == match[1]:
            yield Named(match[2], CREDITOR_REFERENCE)
    for match in _DIGITS.finditer(text):
        for number in _numbers(match[0]):
            yield Named(number, CUSTOMER_NUMBER)


def _numbers(run: str) -> Iterator[str]:
    """Customer numbers in digits with single blanks or dashes among them: groups that stand side by side and have the
    digits of a number together."""
    groups = re.split(r"[ \-]", run)
    for start in range(len(groups)):
        digits = ""
        for group in groups[start:]:
            digits += group
            if len(digits) >= NUMBER_DIGITS:
                break
        if _is_number(digits):
            yield digits


def _is_number(digits: str) -> bool:
    return len(digits) == NUMBER_DIGITS and has_valid_check_digit(digits)


def creditor_check(reference: str) -> str:
    """The two check digits of a creditor reference of digits by ISO 11649 (MOD 97,10; RF is 2715)."""
    return f"{98 - int(f'{reference}271500') % 97:02d}"


def name_fit(told: str, name: str) -> int:
    """How the payer's name stands beside the account's (rules.transfer_match). Banks hide characters by stars."""
    payer, own = _NOISE.sub("", plain(told)), _NOISE.sub("", plain(name))
    if not payer.strip("*"):
        return NO_NAME
    if payer == own:
        return SAME_NAME
    if "*" in payer:
        return NAME_ALIKE if _hidden_fits(payer, own) else OTHER_NAME
    shorter, longer = sorted((payer, own), key=len)
    return NAME_ALIKE if len(shorter) >= 2 and shorter in longer else OTHER_NAME


def _hidden_fits(payer: str, own: str) -> bool:
    """Whether a name with stars for what is hidden (李*, *小明) could be the name."""
    pattern = ".*".join(re.escape(piece) for piece in re.split(r"\*+", payer))
    return re.fullmatch(pattern, own) is not None
