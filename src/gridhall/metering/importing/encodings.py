"""Which encoding a text file is in. What cannot be told for certain is refused, not guessed; what was told is stated.

UTF-8 and UTF-16 say what they are, by their mark or by being well-formed. GB18030 accepts nearly any bytes, so it is
only recognised where the text also reads as Chinese: most of its characters are among the most used ones (the first
level of GB 2312).
"""

import codecs
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from gridhall.kernel.refusal import Refusal

CHUNK = 1 << 18
LINE_BYTES_MOST = 1 << 18  # a line longer than this is no row of a table
COMMON_PERCENT_LEAST = 70
LAST_COMMON_ROW = 0xD7  # the first level of GB 2312: signs and the 3,755 most used characters
# A file that holds this many characters of three bytes in UTF-8 is UTF-8, however it breaks off later.
CHARACTERS_TELLING = 3
SAMPLE_CHARACTERS = 20_000

_ACCENTED = re.compile(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")

NAMES = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8 with BOM", "utf-16-le": "UTF-16 (little-endian)",
    "utf-16-be": "UTF-16 (big-endian)", "gb18030": "GB18030",
}  # fmt: skip


@dataclass(frozen=True)
class Recognised:
    """The encoding (a codec name), how many bytes its mark takes, and the SHA-256 of the file."""

    codec: str
    mark: int
    digest: str

    @property
    def name(self) -> str:
        """The encoding as people name it."""
        return NAMES["utf-8-sig" if self.codec == "utf-8" and self.mark else self.codec]


def recognise(path: Path, named: str = "") -> Recognised:
    """Read the file in small pieces and tell its encoding. `named` (utf-8, utf-16, gb18030) is checked, not believed.

    Refuses: empty_file, line_too_long, wrong_encoding, cut_off, unknown_encoding, encoding_unsure.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise Refusal("empty_file", "The file is empty.", "文件为空。", field="file", value=path.name)
    codec, mark = _by_mark(head)
    digest = _digest_of_lines(path)
    if codec:
        _check(path, codec, mark)
    else:
        codec = _unmarked(path, head, named)
    if named and not codec.startswith(named.lower().removesuffix("-sig")):
        raise _wrong(f"The file is {NAMES[codec]}, not {named}.", f"文件编码为 {NAMES[codec]}，不是 {named}。", named)
    return Recognised(codec, mark, digest)


def _by_mark(head: bytes) -> tuple[str, int]:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8", 3
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _wrong("UTF-32 is not read; save the file as UTF-8.", "不支持 UTF-32，请另存为 UTF-8。", "UTF-32")
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le", 2
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be", 2
    return "", 0


def _wrong(en: str, zh: str, value: str) -> Refusal:
    return Refusal("wrong_encoding", en, zh, field="file", value=value)


def digest_of(path: Path) -> str:
    """SHA-256 of a file of any kind."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of_lines(path: Path) -> str:
    """SHA-256 of the file; on the way a line that is too long is found, before anything looks at it as text."""
    digest = hashlib.sha256()
    line, length = 1, 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            first, last = chunk.find(b"\n"), chunk.rfind(b"\n")
            length += len(chunk) if first < 0 else first
            if length > LINE_BYTES_MOST:
                raise Refusal(
                    "line_too_long", f"Line {line} is longer than {LINE_BYTES_MOST:,} bytes; this is no table.",
                    f"第 {line} 行超过 {LINE_BYTES_MOST:,} 字节，不是数据表。", field="file", row=line, value=path.name,
                )  # fmt: skip
            if first >= 0:
                line += chunk.count(b"\n")
                length = len(chunk) - last - 1
    return digest.hexdigest()


def _check(path: Path, codec: str, mark: int) -> None:
    """Refuse a file that is not well-formed in its own encoding, with the place where it breaks."""
    at, reason, _ = _first_fault(path, codec, mark)
    if at < 0:
        return
    if reason == "cut":
        raise Refusal(
            "cut_off", f"The file breaks off in the middle of a character ({NAMES[codec]}).",
            f"文件在一个字符中间断开（{NAMES[codec]}）。", field="file", value=path.name,
        )  # fmt: skip
    raise _wrong(
        f"The file is {NAMES[codec]}, but not at byte {at:,}.",
        f"文件为 {NAMES[codec]}，但第 {at:,} 字节处不合规。",
        path.name,
    )


def _first_fault(path: Path, codec: str, mark: int) -> tuple[int, str, int]:
    """(byte at which it is not well-formed or -1, "cut" at the end or "bad", characters of three bytes before it)."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    done = telling = 0
    with path.open("rb") as file:
        file.seek(mark)
        while True:
            chunk = file.read(CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(codec, "ignore")
                telling += sum(1 for each in good if each > "\u07ff")
                at = mark + done - pending + error.start
                return at, "cut" if not chunk else "bad", telling
            if not chunk:
                return -1, "", telling
            if telling < CHARACTERS_TELLING:
                telling += sum(1 for each in text if each > "\u07ff")
            done += len(chunk)


def _unmarked(path: Path, head: bytes, named: str) -> str:
    zeros = head.count(b"\0")
    if zeros > len(head) // 4:
        # every other byte of plain text in UTF-16 is zero
        codec = "utf-16-le" if head[1::2].count(b"\0") > zeros // 2 else "utf-16-be"
        _check(path, codec, 0)
        return codec
    at, _, telling = _first_fault(path, "utf-8", 0)
    if at < 0:
        if telling == 0 and not named and _may_be_chinese(path):
            raise Refusal(
                "encoding_unsure", "It could be UTF-8 or GB18030: name the encoding, or save with a BOM.",
                "无法区分 UTF-8 与 GB18030，请指明编码或另存为带 BOM 的 UTF-8。", field="file", value=path.name,
            )  # fmt: skip
        return "utf-8"
    if telling >= CHARACTERS_TELLING:
        _check(path, "utf-8", 0)
    if _first_fault(path, "gb18030", 0)[1] == "cut":
        _check(path, "gb18030", 0)
    if _first_fault(path, "gb18030", 0)[0] < 0 and (named.lower() == "gb18030" or _reads_as_chinese(path)):
        return "gb18030"
    raise Refusal(
        "unknown_encoding", "The encoding is not UTF-8, UTF-16 or GB18030; save the file as UTF-8.",
        "无法识别文件编码（非 UTF-8、UTF-16、GB18030），请另存为 UTF-8。", field="file", value=path.name,
    )  # fmt: skip


def _may_be_chinese(path: Path) -> bool:
    """Whether well-formed UTF-8 without a Chinese character is as well a Chinese text in GB18030: a name of one or two
    characters can be both. Accented letters within words tell that it is not."""
    with path.open("r", encoding="utf-8", newline="") as file:
        text = file.read(CHUNK)
    if text.isascii() or _ACCENTED.search(text):
        return False
    return _first_fault(path, "gb18030", 0)[0] < 0 and _reads_as_chinese(path)


def _reads_as_chinese(path: Path) -> bool:
    """Whether most of what is not ASCII is in the common set; text of another encoding falls on rare characters."""
    seen = common = 0
    with path.open("r", encoding="gb18030", newline="") as file:
        while seen < SAMPLE_CHARACTERS and (text := file.read(CHUNK)):
            for each in text:
                if each > "\x7f":
                    seen += 1
                    common += _is_common(each)
    return common * 100 >= seen * COMMON_PERCENT_LEAST


def _is_common(character: str) -> bool:
    try:
        return character.encode("gb2312")[0] <= LAST_COMMON_ROW
    except UnicodeEncodeError:
        return False
