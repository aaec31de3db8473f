"""What batch debit needs from outside: a form in which files go to a bank and its results come back."""

from collections.abc import Iterator
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from gridhall.debits.data import CODE_UNKNOWN as CODE_UNKNOWN
from gridhall.debits.data import NO_WORD as NO_WORD
from gridhall.debits.data import RETURNED as RETURNED
from gridhall.debits.data import FileHead as FileHead
from gridhall.debits.data import FileRows as FileRows
from gridhall.debits.data import ResultRows as ResultRows
from gridhall.debits.models import OK as OK
from gridhall.debits.models import OUTCOMES as OUTCOMES
from gridhall.debits.refusals import refusal as refusal

BYTES_MOST = 400_000_000
FILE_DIGITS, LINE_DIGITS = 8, 7


def key_of(file_id: int, line: int) -> str:
    """The name of a line towards a bank: two letters, file, a hyphen, line."""
    return f"GH{file_id:0{FILE_DIGITS}d}-{line:0{LINE_DIGITS}d}"


class DebitForm(Protocol):
    """A form of debit file. Nothing but a refusal is raised when reading, whatever the bytes."""

    def rows_most(self) -> int:
        """How many rows a file may have."""

    def name_of(self, head: FileHead) -> str:
        """The file's name as the bank wants it."""

    def write(self, head: FileHead, rows: FileRows) -> Iterator[bytes]:
        """The file, in pieces."""

    def read(self, data: bytes, currency: str, decimals: int) -> ResultRows:
        """The results of a file: all of it, or the refusal result_unreadable, result_truncated, result_altered,
        unknown_message or result_too_large with row and field."""


def form_of(name: str) -> DebitForm:
    """The form of that name: `DEBIT_FORMS` of the settings knows what stands before the colon. Refuses
    `unknown_debit_form`."""
    kind, _, layout = name.partition(":")
    path = settings.DEBIT_FORMS.get(kind)
    if path is None:
        raise refusal("unknown_debit_form", field="form", value=ascii(name[:40]))
    return cast(DebitForm, import_string(path)(layout or kind))
