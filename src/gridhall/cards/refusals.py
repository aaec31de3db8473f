"""The named refusals of the cards room: code, English, Chinese. They are stable; docs/reference lists them."""

from gridhall.kernel.refusal import Refusal

WORDS: dict[str, tuple[str, str]] = {
    "bad_card_type": (
        "A kind of card needs a code, two names, a value and a term.", "卡种须有代码、中英文名称、面值和有效期。",
    ),
    "unknown_card_type": ("There is no such kind of card.", "没有此卡种。"),
    "card_type_withdrawn": ("This kind of card is withdrawn.", "此卡种已停用。"),
    "bad_printer": ("A printer needs a code, a name and an age public key.", "印制单位须有代码、名称和 age 公钥。"),
    "unknown_printer": ("There is no such printer.", "没有此印制单位。"),
    "bad_card_count": ("An order has 1 to 1,000,000 cards.", "每张订单为 1 至 1,000,000 张卡。"),
    "over_card_budget": ("The cards cost more than the order's budget.", "制卡费用超出订单预算。"),
    "unknown_card_order": ("There is no such order of cards.", "没有此制卡订单。"),
    "wrong_card_order_state": ("The order does not stand where this could be done.", "订单当前状态不允许此操作。"),
    "second_person_needed": ("A second person must decide this.", "须由另一人复核。"),
    "print_file_gone": ("The print file is not there any more.", "印制文件已不存在。"),
    "bad_card_range": ("This is no range of serials.", "卡号区间无效。"),
    "card_moves_refused": (
        "Not every card of the range stands where this could be done; nothing was moved.",
        "区间内有卡的状态不允许此操作，未作任何变更。",
    ),
    "unknown_card_move": ("There is no such move of cards.", "没有此种卡片操作。"),
    "unknown_agent": ("There is no such agent.", "没有此代销商。"),
    "bad_agent": ("An agent needs a code, a name, a unit and terms.", "代销商须有代码、名称、核算单元和合同条款。"),
    "agent_suspended": ("This agent is suspended.", "该代销商已停用。"),
    "agent_limit": (
        "With these cards the agent would owe more than his limit.",
        "售出这些卡后，代销商欠款将超过限额。",
    ),
    "amount_not_positive": ("The amount must be above zero.", "金额必须大于零。"),
    "card_mistyped": (
        "A number has a slip: its check digit does not fit. Please read it again.",
        "卡号或密码输入有误（校验位不符），请核对后重新输入。",
    ),
    "card_refused": ("This card number and PIN are not valid.", "卡号或密码无效。"),
    "card_wait": ("There were too many wrong tries. Please try again later.", "错误次数过多，请稍后再试。"),
    "unknown_account": ("There is no such account.", "没有此户号。"),
    "reason_missing": ("A reason is needed.", "请填写原因。"),
}  # fmt: skip


def refusal(code: str, *, field: str = "", row: int = -1, value: object = "") -> Refusal:
    """The refusal of that code with the field, the row of the batch and the value at fault."""
    english, chinese = WORDS[code]
    return Refusal(code, english, chinese, field=field, row=row, value=str(value))
