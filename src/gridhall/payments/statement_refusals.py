"""The named refusals of bank statements and of suspense: code, English, Chinese."""

WORDS: dict[str, tuple[str, str]] = {
    "unknown_form": ("There is no such form of statement.", "没有此对账单格式。"),
    "unknown_columns": ("There is no such list of columns.", "没有此列对照表。"),
    "bad_statement": ("The statement cannot be read at this line.", "对账单该行无法识别。"),
    "statement_unsafe": (
        "The file brings a document type of its own, which no statement has.",
        "文件自带文档类型声明（DTD），对账单不应包含。",
    ),
    "statement_too_large": ("The file is too large.", "文件过大。"),
    "statement_empty": ("There is no statement in the file.", "文件中没有对账单。"),
    "statement_unbalanced": (
        "The entries do not lead from the opening balance to the closing balance.",
        "期初余额加明细不等于期末余额。",
    ),
    "statement_altered": (
        "A statement with this number came before and said something else.",
        "同号对账单此前已导入，但内容不同。",
    ),
    "statement_currency": ("The statement is not in the currency of the account.", "对账单币种与账户币种不符。"),
    "statement_future": ("The statement has a day that lies in the future.", "对账单日期晚于今天。"),
    "unknown_statement": ("There is no such statement among yours.", "您的范围内没有此对账单。"),
    "unknown_bank_account": ("This is none of our bank accounts.", "不是我方银行账户。"),
    "bank_account_taken": ("This bank account is entered already.", "此银行账户已登记。"),
    "bad_bank_account": (
        "A bank account needs a number of 4 to 34 letters and digits, names, a unit, and 1 to 101 points.",
        "银行账户须有 4 至 34 位账号、名称、核算单元，自动入账分值须为 1 至 101。",
    ),
    "unknown_item": ("There is no such money in suspense among yours.", "您的范围内没有此笔待处理款项。"),
    "unknown_act": ("There is no such proposal that waits.", "没有此待复核事项。"),
    "more_than_free": ("That is more than is left of it.", "超过该笔款项剩余金额。"),
    "wrong_side": ("This cannot be done about money of this side.", "该款项方向不符，不能这样处理。"),
    "no_parts": ("Name at least one account and its amount.", "请至少填写一个户号及金额。"),
    "account_twice": ("The account stands there twice.", "户号重复。"),
    "nothing_to_confirm": (
        "There is nothing in the books of this amount that this could be the bank's side of.",
        "账上没有金额相同、可与此笔对应的记录。",
    ),
    "day_not_settled": (
        "The money of that day has not come yet: settle the day first.",
        "该日款项尚未到账，请先结算该日。",
    ),
}  # fmt: skip
