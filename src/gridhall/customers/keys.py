"""Search keys: the words by which a name or an address is found.

A key is a string of tokens with single spaces between them; PostgreSQL indexes it as a tsvector of exactly these
tokens.
Chinese text gives its pairs of neighbouring characters; a name gives its pinyin too, whole and as initials.
"""

import re
import unicodedata
from functools import lru_cache

from pypinyin import lazy_pinyin

NAME_KEY_MOST, ADDRESS_KEY_MOST = 700, 900

# Characters that sound otherwise as a family name.
_FAMILY = {
    "曾": "zeng",
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "朴": "piao",
    "查": "zha",
    "盖": "ge",
    "区": "ou",
    "任": "ren",
}

_ASCII_WORD = re.compile(r"[a-z0-9]+")
_SEPARATOR = re.compile(r"[\s\-—_.,，。、;；:：/\\()（）\[\]【】'\"“”‘’#·]+")


def plain(text: str) -> str:
    """Text in one form for comparing: half-width, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def is_han(text: str) -> bool:
    """Whether any character is a Han character."""
    return any("\u3400" <= char <= "\u9fff" or char >= "\U00020000" for char in text)


def name_key(name: str) -> str:
    """Tokens of a name: pinyin joined, initials, pairs of characters, Latin words."""
    text = plain(name)
    if not is_han(text):
        words = _ASCII_WORD.findall(text) or [part for part in _SEPARATOR.split(text) if part]
        return _joined(["".join(words), *words] if len(words) > 1 else words, NAME_KEY_MOST)
    syllables = [_pinyin(char) for char in text if char.isalnum()]
    if text[0] in _FAMILY:
        syllables[0] = _FAMILY[text[0]]
    initials = "".join(syllable[0] for syllable in syllables)
    return _joined(["".join(syllables)[:120], initials, *_pairs(text)], NAME_KEY_MOST)


def address_key(address: str) -> str:
    """Tokens of an address: pairs of characters, and Latin words and numbers whole."""
    text = plain(address)
    pairs = _pairs(text) if is_han(text) else []
    return _joined([*pairs, *_ASCII_WORD.findall(text)], ADDRESS_KEY_MOST)


def query(text: str) -> str:
    """A tsquery (as text) that finds what one search word means: every pair of characters, or words that begin so."""
    word = plain(text)
    if is_han(word):
        pairs = _pairs(word)
        tokens = (
            [_quoted(pair) for pair in pairs] if pairs else [_quoted(char) + ":*" for char in word if char.isalnum()]
        )
    else:
        tokens = [_quoted(token) + ":*" for token in _ASCII_WORD.findall(word)]
    return " & ".join(tokens)


def _pairs(text: str) -> list[str]:
    closed = _SEPARATOR.sub("", text)
    return [closed[at : at + 2] for at in range(len(closed) - 1)]


@lru_cache(maxsize=30_000)
def _pinyin(char: str) -> str:
    return lazy_pinyin(char)[0] or char


def _joined(tokens: list[str], most: int) -> str:
    text = " ".join(dict.fromkeys(tokens))
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0]


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"
