"""The named refusals of cheques, settlement between units, and acts that need limits and a second person."""

WORDS: dict[str, tuple[str, str]] = {
    "nothing_to_settle": ("Units owe one another nothing up to this day.", "截至该日核算单元间没有待结算款项。"),
    "unit_day_not_over": ("A day is settled between units when it is over.", "当日结束后方可进行单元间结算。"),
    "unknown_settlement": ("There is no such settlement between units.", "没有此单元间结算。"),
    "wrong_settlement_state": ("The settlement is not in a state for this.", "该单元间结算当前状态不允许此操作。"),
    "not_all_units": (
        "This touches units that are not yours; a person for all of them must do it.",
        "涉及不在您管辖范围的核算单元，须由全部单元的负责人办理。",
    ),
    "over_limit": ("The amount is beyond your limit for this.", "金额超出您的办理限额。"),
    "unknown_money_act": ("There is no such request.", "没有此申请。"),
    "wrong_act_state": ("This request has been decided already.", "该申请已处理。"),
    "account_not_yours": ("This account belongs to a unit that is not yours.", "该户不在您的管辖范围。"),
    "bad_money_act": ("This cannot be asked for like this.", "申请内容不正确。"),
    "credit_too_small": ("The account has not as much credit.", "该户预存余额不足。"),
    "same_account": ("Both accounts are the same.", "两个户号相同。"),
    "bank_account_missing": ("Give the bank account and the name of its holder.", "请填写收款银行账号和户名。"),
    "drawer_short": ("There is not as much cash in the till.", "收费台现金不足。"),
    "not_that_much": (
        "The payment did not pay as much of the one item, or the other has not as much open.",
        "该笔缴费未销该项这么多金额，或目标项未收金额不足。",
    ),
    "changed_since": ("What is open has changed since it was asked for; ask anew.", "申请后欠费已变化，请重新申请。"),
    "nothing_owed": ("Nothing is owed that could be chosen.", "没有可选的欠费。"),
    "parts_differ": ("The parts do not come to the debt.", "分期金额合计与欠费不符。"),
    "bad_parts": (
        "Each part needs an amount and a later day than the one before it.", "每期须有金额，且日期须逐期推后。"
    ),
    "too_many_parts": ("A plan may not have as many parts or last as long.", "分期期数或期限超出规定。"),
    "plan_kept": ("The account has a plan that is being kept.", "该户已有执行中的分期协议。"),
    "unknown_plan": ("There is no such plan that is being kept.", "没有执行中的分期协议。"),
    "not_written_off": ("Not as much of this account is written off.", "该户已核销金额不足。"),
    "cheque_details": ("Give the cheque's bank, number, drawer and date.", "请填写支票的付款行、号码、出票人和日期。"),
    "cheque_date": ("The cheque is dated ahead or too old.", "支票日期未到或已超过提示付款期。"),
    "cheque_known": ("This cheque has been taken already.", "该支票已收过。"),
    "cheques_returned": (
        "Cheques of this customer were returned; take cash or card.", "该用户有支票退票记录，请改收现金或刷卡。"
    ),
    "unknown_cheque": ("There is no such cheque.", "没有此支票。"),
    "wrong_cheque_state": ("The cheque is not in a state for this.", "支票当前状态不允许此操作。"),
    "bad_cheque_day": ("The day is before the cheque was taken, or to come.", "日期早于收票日或为未来日期。"),
    "slip_number": ("Give the number on the terminal's slip.", "请填写POS签购单号。"),
    "unknown_term": ("There are no terms for this day.", "该日期没有适用的规定。"),
}  # fmt: skip
