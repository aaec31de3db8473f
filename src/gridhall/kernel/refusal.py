"""Named refusals: one clear error that names the row and the field, in Chinese and English."""

from collections.abc import Mapping


class Refusal(Exception):
    """An act that was not carried out, and why.

    `code` is stable (snake_case, documented); `en` and `zh` are sentences for people; `field` names the input at fault;
    `row` its place in a batch (0-based, -1 for the whole); `value` what was given (never a secret).
    """

    def __init__(
        self,
        code: str,
        en: str,
        zh: str,
        *,
        field: str = "",
        row: int = -1,
        value: str = "",
        more: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(en)
        self.code = code
        self.en = en
        self.zh = zh
        self.field = field
        self.row = row
        self.value = value
        self.more = dict(more or {})

    def text(self, language: str) -> str:
        """The sentence in `zh` or `en`."""
        return self.zh if language.startswith("zh") else self.en
