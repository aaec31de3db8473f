"""The life of a mandate as a table: from which state which move leads where, and whose move it is."""

from gridhall.debits.refusals import refusal

SIGNED, CONFIRMED, ACTIVE, SUSPENDED, ENDED = "signed", "confirmed", "active", "suspended", "ended"
STATES = (SIGNED, CONFIRMED, ACTIVE, SUSPENDED, ENDED)
PAPER, PORTAL, BANK = "paper", "portal", "bank"

CONFIRM, ACTIVATE, SUSPEND, RESUME, END = "confirm", "activate", "suspend", "resume", "end"
CUSTOMER, STAFF, OURSELVES = "customer", "staff", "ourselves"

# (state, move) → (next state, who may)
MOVES: dict[tuple[str, str], tuple[str, frozenset[str]]] = {
    (SIGNED, CONFIRM): (CONFIRMED, frozenset({STAFF, OURSELVES})),  # the bank says that account and holder are right
    (SIGNED, END): (ENDED, frozenset({CUSTOMER, STAFF})),
    (CONFIRMED, ACTIVATE): (ACTIVE, frozenset({STAFF, OURSELVES})),
    (CONFIRMED, END): (ENDED, frozenset({CUSTOMER, STAFF})),
    (ACTIVE, SUSPEND): (SUSPENDED, frozenset({CUSTOMER, STAFF, OURSELVES})),
    (ACTIVE, END): (ENDED, frozenset({CUSTOMER, STAFF})),
    (SUSPENDED, RESUME): (ACTIVE, frozenset({STAFF})),
    (SUSPENDED, END): (ENDED, frozenset({CUSTOMER, STAFF})),
}
# What a mandate begins with: the bank signs for us and has looked at account and holder.
FIRST = {PAPER: SIGNED, PORTAL: SIGNED, BANK: CONFIRMED}


def after(state: str, move: str, who: str) -> str:
    """The state that a move leads to. Refuses `wrong_mandate_state`, also where it is not this one's move."""
    found = MOVES.get((state, move))
    if found is None or who not in found[1]:
        raise refusal("wrong_mandate_state", field="state", value=f"{state} {move}")
    return found[0]


def permission_for(move: str) -> str:
    """What a member of staff needs for a move."""
    return "mandates.confirm" if move in (CONFIRM, ACTIVATE, RESUME) else "mandates.take"


def moves_of(state: str, who: str) -> tuple[str, ...]:
    """The moves that somebody may make from a state."""
    return tuple(move for (at, move), (_, may) in MOVES.items() if at == state and who in may)
