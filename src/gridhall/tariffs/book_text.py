"""The text of a tariff book's file: UTF-8 as books are kept, or GB18030 as offices in China still write it."""

from gridhall.kernel.refusal import Refusal

BOM_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
CONTROL = frozenset(range(32)) - {9, 10, 13}


def book_text(raw: bytes, name: str) -> tuple[str, str]:
    """The text and the encoding it was read as. Refuses `bad_book` what is no text, naming the file."""
    for encoding in ("utf-16",) if raw.startswith(BOM_UTF_16) else ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        # binary data may decode by chance, but a text has no control characters
        if not any(ord(each) in CONTROL for each in text):
            return text, {"utf-8-sig": "UTF-8", "utf-16": "UTF-16"}.get(encoding, "GB18030")
    raise Refusal(
        "bad_book", f"{name} is no text: a tariff book is a YAML file in UTF-8, UTF-16 or GB18030.",
        f"{name} 不是文本：电价本应为UTF-8、UTF-16或GB18030编码的YAML文件。", field="book", value=name,
    )  # fmt: skip
