"""The ISO 20022 form of batch debit: pain.008 out; pain.002, camt.053 and camt.054 in."""

from collections.abc import Iterator

from gridhall.adapters.iso20022 import reading, writing
from gridhall.debits.ports import FileHead, FileRows, ResultRows

ROWS_MOST = 50_000


class Form:
    """Files of one version of pain.008."""

    def __init__(self, version: str) -> None:
        self.version = version

    def rows_most(self) -> int:
        return ROWS_MOST

    def name_of(self, head: FileHead) -> str:
        return f"{self.version}_{head.reference}.xml"

    def write(self, head: FileHead, rows: FileRows) -> Iterator[bytes]:
        """The file in pieces of some thousand rows."""
        return writing.pain_008(self.version, head, rows)

    def read(self, data: bytes, currency: str, decimals: int) -> ResultRows:
        """The results of a pain.002, camt.053 or camt.054, valid against its schema. Refuses: unknown_message,
        result_unreadable, result_altered, result_too_large."""
        return reading.results(data, currency, decimals)
