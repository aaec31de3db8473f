"""The named refusals of the payments room: code, English, Chinese. They are stable; docs/reference lists them."""

from gridhall.kernel.refusal import Refusal
from gridhall.payments import act_refusals, gateway_refusals, partner_refusals, statement_refusals

WORDS: dict[str, tuple[str, str]] = {
    "unknown_account": ("There is no such account.", "没有此户号。"),
    "amount_not_positive": ("The amount must be above zero.", "金额必须大于零。"),
    "amount_too_large": ("The amount is beyond what one payment may be.", "金额超出单笔上限。"),
    "bad_method": ("There is no such way of paying.", "没有此缴费方式。"),
    "key_missing": ("A payment needs a key of 1 to 120 characters.", "缴费必须带有 1 至 120 个字符的流水键。"),
    "key_reused": ("This key has been used for another payment of the account.", "此流水键已用于该户号的另一笔缴费。"),
    "value_in_future": ("The value day lies in the future.", "入账日期不能晚于今天。"),
    "value_too_early": ("The value day lies too far back.", "入账日期过早。"),
    "bad_value_day": ("This is no day.", "日期无效。"),
    "not_printable": ("The text has characters that cannot be printed.", "文字中含有不可打印的字符。"),
    "till_needed": ("Cash needs an open till.", "收取现金须先开台。"),
    "till_closed": ("This till session is closed.", "此收费台已关台。"),
    "not_your_till": ("This till session belongs to another clerk.", "此收费台由其他人员使用。"),
    "unknown_till": ("There is no such till session.", "没有此收费台。"),
    "period_closed": ("The books of that month are closed.", "该月账期已结账，不能再记账。"),
    "unknown_payment": ("There is no such payment.", "没有此笔缴费。"),
    "not_reversible": ("Only a received payment can be reversed.", "只有收款可以冲正。"),
    "another_door": (
        "This payment came in another way; it can be reversed only where it was taken.",
        "此笔缴费由其他渠道收取，只能由原渠道冲正。",
    ),
    "refund_needed": (
        "Money paid online goes back by a refund of the bank, not by a reversal: ask for a refund.",
        "网上缴费须由支付渠道退款，不能冲正：请申请退款。",
    ),
    "not_online": (
        "This payment did not come through a gateway that could refund it.",
        "此笔缴费未经网上支付渠道，不能退款。",
    ),
    "card_used_up": (
        "A recharge card that was used is used up: its value stays with the account.",
        "充值卡已使用，其金额留在该户号。",
    ),
    "refund_under_way": ("A refund of this payment is under way already.", "此笔缴费已在退款中。"),
    "unknown_refund": ("There is no such refund among yours.", "您的范围内没有此笔退款。"),
    "wrong_refund_state": ("This refund has been decided already.", "此笔退款已处理。"),
    "already_reversed": ("This payment has been reversed already.", "此笔缴费已冲正。"),
    "not_today": ("A payment can be reversed only on the day it was received.", "只能在收款当日冲正。"),
    "reason_missing": ("Say why: a reason is needed.", "必须填写原因。"),
    "till_still_open": ("This till is still open: count and close it first.", "此收费台尚未关台，请先清点关台。"),
    "nothing_to_bank": ("There is no cash to bank.", "没有待解款的现金。"),
    "several_units": ("Bank the cash of one accounting unit at a time.", "一次只能解缴一个核算单元的现金。"),
    "banked_already": ("The cash of this till session is on its way to the bank already.", "此班次的现金已解款。"),
    "slip_missing": (
        "The number of the bank's slip is needed (up to 40 characters).",
        "请填写缴款单号（不超过 40 个字符）。",
    ),
    "slip_used": ("This slip has been entered already.", "此缴款单号已登记。"),
    "bad_banking_day": (
        "Cash is banked on or after the day it was counted, and not in the future.",
        "解款日期不能早于关台日期，也不能晚于今天。",
    ),
    "unknown_banking": ("There is no such banking among yours.", "您的范围内没有此笔解款。"),
    "wrong_banking_state": ("This banking has been decided already.", "此笔解款已处理。"),
    "second_person_needed": ("A second person must decide this.", "须由另一人复核。"),
    "till_in_use": ("This till is open already.", "此收费台已开台。"),
    "clerk_has_till": ("You have a till open already.", "您已有开台的收费台。"),
    "count_missing": ("Count the cash: the amount must not be negative.", "请清点现金，金额不能为负。"),
    "unknown_order": ("There is no such online order.", "没有此网上缴费订单。"),
    "wrong_amount": ("The bank's amount is not that of the order.", "银行返回的金额与订单不符。"),
    "tampered": ("The message's signature is not that of the bank.", "报文签名验证失败。"),
    "stale": ("The message is too old.", "报文已过期。"),
    "bad_message": ("The message cannot be read.", "报文无法识别。"),
    "gateway_unreachable": ("The bank does not answer. Please try again.", "银行暂无应答，请稍后再试。"),
    "unknown_gateway": ("This way of paying is not set up.", "未配置此支付渠道。"),
}  # fmt: skip
WORDS |= act_refusals.WORDS | partner_refusals.WORDS | statement_refusals.WORDS | gateway_refusals.WORDS


def refusal(code: str, *, field: str = "", row: int = -1, value: object = "") -> Refusal:
    """The refusal of that code with the field, the row of the batch and the value at fault."""
    english, chinese = WORDS[code]
    return Refusal(code, english, chinese, field=field, row=row, value=str(value))
