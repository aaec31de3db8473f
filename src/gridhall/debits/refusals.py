"""The named refusals of batch debit: code, English, Chinese. They are stable; docs/reference lists them."""

from gridhall.kernel.refusal import Refusal

WORDS: dict[str, tuple[str, str]] = {
    "unknown_mandate": ("There is no such mandate.", "没有此份代扣协议。"),
    "mandate_there": ("The account has a mandate already; end it first.", "该户号已有代扣协议，请先终止。"),
    "bad_bank_account": ("This is not the number of a bank account.", "银行账号无效。"),
    "bad_holder": (
        "The name of the account's holder is needed (up to 70 characters).",
        "请填写账户户名（不超过 70 字）。",
    ),
    "bad_limit": ("The limit must not be negative.", "限额不能为负。"),
    "bad_preferred_day": ("The day is one from 1 to 28, or any.", "扣款日须为 1 至 28 日，或不限。"),
    "bad_signing": (
        "A mandate is signed on paper, in the portal or at the bank.",
        "协议只能以纸质、网上或银行方式签订。",
    ),
    "bad_sign_day": ("A mandate is not signed in the future.", "签订日期不能晚于今天。"),
    "wrong_mandate_state": ("The mandate cannot take this step now.", "代扣协议当前状态不能执行此操作。"),
    "unknown_debit_bank": ("There is no such bank for batch debit.", "没有此代扣银行。"),
    "debit_bank_there": ("There is a bank with this code already.", "该银行代码已存在。"),
    "unknown_debit_form": ("There is no such form of debit file.", "没有此代扣文件格式。"),
    "bad_rows_most": (
        "A file has from 1 to 1,000,000 rows, in ISO 20022 at most 50,000.",
        "每个文件 1 至 1000000 行，ISO 20022 不超过 50000 行。",
    ),
    "unknown_cycle": ("There is no such debit cycle among yours.", "您的范围内没有此扣款批次。"),
    "cycle_there": ("The unit has a cycle under way for this day.", "该核算单元当日已有扣款批次。"),
    "too_late_to_announce": (
        "Customers could not be told in time: choose a later day.",
        "已来不及提前通知客户，请选择更晚的日期。",
    ),
    "bad_debit_days": (
        "The days to try again come after the first, each later than the one before.",
        "补扣日期须晚于首扣日并依次递增。",
    ),
    "wrong_cycle_state": ("The cycle is not at this step.", "扣款批次不在此步骤。"),
    "results_missing": (
        "Some debits have no result yet: nothing can be tried again before they are reconciled.",
        "仍有未明扣款，核对清楚前不得重扣。",
    ),
    "no_retry_left": ("No day to try again is left.", "没有剩余的补扣日。"),
    "unknown_debit_file": ("There is no such debit file among yours.", "您的范围内没有此扣款文件。"),
    "wrong_file_state": ("The file is not at this step.", "文件不在此步骤。"),
    "second_person_needed": ("A second person must decide this.", "须由另一人复核。"),
    "unknown_debit": ("There is no such debit.", "没有此笔扣款。"),
    "debit_under_way": (
        "A debit is with the bank already: paying now could pay twice.",
        "扣款已送银行，此时缴费可能重复。",
    ),
    "not_held": ("This debit is not waiting for an answer.", "此笔扣款无需确认。"),
    "not_unknown": ("This debit's result is known.", "此笔扣款结果已明确。"),
    "evidence_missing": ("Say what shows it (3 to 300 characters).", "请说明依据（3 至 300 字）。"),
    "result_file_known": ("This result file has been taken already.", "此结果文件已导入。"),
    "result_unreadable": ("The result file cannot be read.", "无法读取结果文件。"),
    "result_truncated": ("The result file ends too early or lacks its totals.", "结果文件不完整或缺少汇总记录。"),
    "result_altered": ("The totals of the result file are not those of its rows.", "结果文件汇总与明细不符。"),
    "result_too_large": ("The result file is too large.", "结果文件过大。"),
    "result_other_bank": ("The result file is not for this bank's debit files.", "结果文件与该银行的扣款文件不符。"),
    "unknown_message": ("This kind of message is not known here.", "不支持此报文类型。"),
    "unknown_result": ("There is no such result file.", "没有此结果文件。"),
    "unknown_row": ("There is no such parked row.", "没有此挂起行。"),
    # why a row of a result file was parked
    "row_unreadable": ("The row cannot be read.", "该行无法读取。"),
    "row_twice": ("The row stands in the file more than once.", "该行在文件中重复出现。"),
    "line_unknown": ("There is no such line in our files.", "我方文件中没有此行。"),
    "line_not_sent": ("The line was withdrawn or never sent.", "该行已撤回或未发送。"),
    "amount_differs": ("The amount is not that of our line.", "金额与我方明细不符。"),
    "account_differs": ("The bank account is not that of our line.", "账号与我方明细不符。"),
    "name_differs": ("The holder's name is not that of our line.", "户名与我方明细不符。"),
    "answered_before": ("The line was answered otherwise before.", "该行先前已有不同结果。"),
    "returned_later": ("The bank took money back that it had debited.", "银行退回了已扣款项。"),
    "code_unknown": ("The bank's code is not known here.", "银行返回码未配置。"),
    "not_posted": ("The books refused the payment.", "入账被拒。"),
}  # fmt: skip


def refusal(code: str, *, field: str = "", row: int = -1, value: object = "") -> Refusal:
    """The refusal of that code with the field, the row and the value at fault."""
    english, chinese = WORDS[code]
    return Refusal(code, english, chinese, field=field, row=row, value=str(value))
