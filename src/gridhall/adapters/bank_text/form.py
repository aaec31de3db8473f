"""Text files as Chinese banks take them, after a layout (layout.py): GB18030, parted or of fixed width in bytes."""

from collections.abc import Iterator

from gridhall.adapters.bank_text import reading
from gridhall.adapters.bank_text.layout import NUMBERS, Field, layout_of
from gridhall.debits.ports import FileHead, FileRows, ResultRows, refusal

ROWS_AT_ONCE = 5_000


class Form:
    """Files after the layout of a name."""

    def __init__(self, layout: str) -> None:
        self.layout = layout_of(layout)

    def rows_most(self) -> int:
        return self.layout.rows_most

    def name_of(self, head: FileHead) -> str:
        return self.layout.file_name.format(
            reference=head.reference, bank=head.bank_code, day=f"{head.debit_on:%Y%m%d}"
        )

    def write(self, head: FileHead, rows: FileRows) -> Iterator[bytes]:
        """The file in pieces of some thousand rows."""
        of_head = {
            "file": f"{head.file_id:08d}", "bank": head.bank_code, "day": f"{head.debit_on:%Y%m%d}",
            "currency": head.currency, "count": str(head.count), "total": self._money(head.amount, head.decimals),
            "creditor": head.creditor_name, "creditor_account": head.creditor_account,
        }  # fmt: skip
        out = self.layout.out
        if "head" in out:
            yield self._record(out["head"], of_head)
        columns = zip(
            rows.line.tolist(), rows.key, rows.number, rows.holder, rows.amount.tolist(), rows.account_number,
            rows.mandate, rows.agent, strict=True,
        )  # fmt: skip
        pieces = []
        for line, key, number, holder, amount, account, mandate, agent in columns:
            told = {
                "line": str(line), "key": key, "number": number, "holder": holder,
                "amount": self._money(amount, head.decimals), "account": account, "mandate": mandate, "agent": agent,
            }  # fmt: skip
            pieces.append(self._record(out["row"], told))
            if len(pieces) == ROWS_AT_ONCE:
                yield b"".join(pieces)
                pieces.clear()
        yield b"".join([*pieces, self._record(out["totals"], of_head)])

    def read(self, data: bytes, currency: str, decimals: int) -> ResultRows:
        """The results of a file. Refuses: result_unreadable, result_truncated, result_altered."""
        del currency  # these files have one
        return reading.results(data, self.layout, decimals)

    def _money(self, minor: int, decimals: int) -> str:
        if self.layout.minor or decimals == 0:
            return str(minor)
        whole, rest = divmod(minor, 10**decimals)
        return f"{whole}.{rest:0{decimals}d}"

    def _record(self, fields: tuple[Field, ...], told: dict[str, str]) -> bytes:
        layout = self.layout
        texts = [field.const or told.get(field.name, "") for field in fields]
        if layout.delimiter:
            # what parts the fields must not stand in one
            clean = (text.replace(layout.delimiter, " ").replace("\r", " ").replace("\n", " ") for text in texts)
            return (layout.delimiter.join(clean) + layout.line_end).encode(layout.encoding)
        padded = (_fitted(field, text, layout.encoding) for field, text in zip(fields, texts, strict=True))
        return b"".join(padded) + layout.line_end.encode()


def _fitted(field: Field, text: str, encoding: str) -> bytes:
    """The text in exactly its bytes: a number with zeros before it, other text with blanks after it, never cut inside a
    character. A number that does not fit is refused: cut, it would be another."""
    raw = text.replace("\r", " ").replace("\n", " ").encode(encoding)
    if field.name in NUMBERS and text.isdecimal():
        if len(raw) > field.width:
            raise refusal("bad_rows_most", field=field.name, value=text)
        return raw.rjust(field.width, b"0")
    while len(raw) > field.width:
        text = text[:-1]
        raw = text.encode(encoding)
    return raw.ljust(field.width, b" ")
