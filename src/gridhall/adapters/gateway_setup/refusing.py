"""The refusals of the payments room, as the gateways raise them."""

from gridhall.kernel.refusal import Refusal
from gridhall.payments.public import REFUSAL_WORDS


def refused(code: str, *, field: str = "", row: int = -1, value: object = "") -> Refusal:
    """The payments room's refusal of that code, with what is at fault."""
    english, chinese = REFUSAL_WORDS[code]
    return Refusal(code, english, chinese, field=field, row=row, value=str(value))
