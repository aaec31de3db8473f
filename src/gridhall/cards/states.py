"""What may become of a card: a table of allowed moves, and who may make them."""

MADE, STOCKED, WITH_AGENT, ACTIVE, USED, EXPIRED, FROZEN, VOID = range(1, 9)

NAMES = {
    MADE: ("made", "已制作"), STOCKED: ("in stock", "在库"), WITH_AGENT: ("with agent", "代销商持有"),
    ACTIVE: ("active", "已激活"), USED: ("used", "已使用"), EXPIRED: ("expired", "已过期"),
    FROZEN: ("frozen", "已冻结"), VOID: ("void", "已作废"),
}  # fmt: skip

# move → (from any of these, to). A frozen card goes back to where it was (`thaw`), which its row remembers.
MOVES: dict[str, tuple[frozenset[int], int]] = {
    "receive": (frozenset({MADE}), STOCKED),
    "hand_out": (frozenset({STOCKED}), WITH_AGENT),
    "take_back": (frozenset({WITH_AGENT}), STOCKED),
    "activate": (frozenset({STOCKED, WITH_AGENT}), ACTIVE),
    "redeem": (frozenset({ACTIVE}), USED),
    "expire": (frozenset({ACTIVE}), EXPIRED),
    "freeze": (frozenset({MADE, STOCKED, WITH_AGENT, ACTIVE}), FROZEN),
    "void": (frozenset({MADE, STOCKED, WITH_AGENT, FROZEN}), VOID),
}
