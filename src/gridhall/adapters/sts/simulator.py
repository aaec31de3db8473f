"""A keypad meter for trying tokens out: it takes them as a real one does, and refuses them as one does."""

from dataclasses import dataclass, field

from gridhall.adapters.sts import tokens
from gridhall.adapters.sts.tokens import BadToken, Opened, open_token

ACCEPTED, REJECTED, OLD, USED = "accepted", "rejected", "old", "used"
REMEMBERED = 50  # identifiers that a meter remembers at least (IEC 62055-41, 7.3.8)


@dataclass
class KeypadMeter:
    """A meter with its key. `credit_wh`: what it has been given; `sections`: of a new key, as they come in."""

    key: bytes
    credit_wh: int = 0
    power_limit_w: int = 0
    tampered: bool = False
    shown: int = 0
    taken: list[int] = field(default_factory=list)
    sections: dict[int, Opened] = field(default_factory=dict)

    def enter(self, text: str) -> str:
        """Key in a token: how the meter answers."""
        try:
            opened = open_token(text, self.key)
        except BadToken:
            return REJECTED
        if opened.token_class == tokens.TEST:
            self.shown = opened.rest >> 8
            return ACCEPTED
        if opened.token_class == tokens.ENGINEERING and opened.sub_class in (
            tokens.KEY_1, tokens.KEY_2, tokens.KEY_3, tokens.KEY_4,
        ):  # fmt: skip
            return self._section(opened)
        if opened.identifier in self.taken:
            return USED
        if len(self.taken) >= REMEMBERED and opened.identifier < self.taken[0]:
            return OLD
        self.taken = sorted([*self.taken, opened.identifier])[-REMEMBERED:]
        return self._act(opened)

    def _act(self, opened: Opened) -> str:
        if opened.token_class == tokens.CREDIT:
            if opened.sub_class != tokens.ELECTRICITY:
                return REJECTED
            self.credit_wh += tokens.energy_of_field(opened.value)
        elif opened.sub_class == tokens.CLEAR_CREDIT:
            self.credit_wh = 0
        elif opened.sub_class == tokens.CLEAR_TAMPER:
            self.tampered = False
        elif opened.sub_class == tokens.POWER_LIMIT:
            self.power_limit_w = opened.value
        else:
            return REJECTED
        return ACCEPTED

    def _section(self, opened: Opened) -> str:
        """A quarter of a new key: with the fourth it changes, whatever their order."""
        self.sections[opened.sub_class] = opened
        if len(self.sections) < 4:
            return ACCEPTED
        parts = [
            self.sections[each].rest & 0xFFFFFFFF for each in (tokens.KEY_1, tokens.KEY_3, tokens.KEY_4, tokens.KEY_2)
        ]
        self.key = b"".join(part.to_bytes(4, "big") for part in parts)
        if self.sections[tokens.KEY_1].rest >> 35 & 1:  # a roll-over
            self.taken = []
        self.sections = {}
        return ACCEPTED
