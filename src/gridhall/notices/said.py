"""One thing to say to one account."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """`n`: which of several that a fact says to an account. `values`: by the names of the occasion's fields, money in
    minor units, days in ISO form, texts of two languages as {"zh", "en"}; more may stand there (which bill it is)."""

    account_id: int
    n: int
    values: dict[str, object]
