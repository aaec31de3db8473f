"""The named refusals of gateways and their bills: code, English, Chinese."""

WORDS: dict[str, tuple[str, str]] = {
    "gateway_not_set_up": (
        "This way of paying is not set up completely: gridhall payments gateways says what is missing.",
        "此支付渠道配置不完整：请用 gridhall payments gateways 查看缺少的内容。",
    ),
    "bill_not_ready": ("The gateway has no bill of that day yet.", "支付渠道尚未生成该日账单。"),
    "no_bills": ("This gateway gives no bills of its days.", "该支付渠道不提供日账单。"),
    "part_refunded": (
        "The gateway gave a part of this payment back: undo it by hand and book what is left.",
        "支付渠道仅退回部分款项：请人工处理，并登记余额。",
    ),
}  # fmt: skip
