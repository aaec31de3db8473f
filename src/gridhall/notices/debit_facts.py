"""What batch debits and mandates have to say, and to whom: a few queries a fact, however many it is about."""

from collections.abc import Sequence

from gridhall.debits import public as debits
from gridhall.kernel.outbox import Happened
from gridhall.notices.rendering import money, month_words
from gridhall.notices.said import Said

MANDATE_STATES = {
    "signed": ("已签订，待银行核验", "signed; the bank will check it"),
    "confirmed": ("已通过银行核验", "checked by the bank"),
    "active": ("已生效", "in force"),
    "suspended": ("已暂停", "suspended"),
    "ended": ("已终止", "ended"),
}
REASONS = {
    "INSUFFICIENT": ("余额不足", "the account held too little money"),
    "NO_ACCOUNT": ("账号不存在", "there is no such bank account"),
    "CLOSED": ("账户已销户", "the bank account is closed"),
    "FROZEN": ("账户已冻结", "the bank account is frozen"),
    "LOST": ("账户已挂失", "the card or book of the bank account is reported lost"),
    "NAME_MISMATCH": ("户名不符", "the holder's name is another one"),
    "NO_MANDATE": ("银行无代扣协议", "the bank has no mandate"),
    "LIMIT": ("超过代扣限额", "it is above the limit"),
    "REFUSED": ("付款人拒绝", "the payer refused it"),
}
OTHER_REASON = ("银行处理未成功", "the bank could not carry it out")
ITEM_KINDS = {1: ("电费", "electricity"), 2: ("违约金", "late charge")}
OTHER_ITEM = ("其他费用", "other")
ITEMS_MOST = 12

# What the debits were when the fact was told may have changed since: an announced one may be in its file by now.
ANNOUNCED = (debits.WAITING, debits.IN_FILE, debits.SENT, debits.UNKNOWN, debits.DEBITED, debits.FAILED)


def announced(fact: Happened) -> list[Said]:
    """Before a debit: how much, when, from where, for what."""
    return [_debit(fact, row) for row in _rows(fact, ANNOUNCED)]


def balance_low(fact: Happened) -> list[Said]:
    """Before a debit, to those who had too little money at the last one."""
    return [_debit(fact, row) for row in _rows(fact, ANNOUNCED) if row.low]


def done(fact: Happened) -> list[Said]:
    """The itemised notice of a debit."""
    return [_debit(fact, row) for row in _rows(fact, (debits.DEBITED,))]


def failed(fact: Happened) -> list[Said]:
    """Why a debit failed, and when it is tried again."""
    again = fact.payload.get("retry_on")
    said = []
    for row in _rows(fact, (debits.FAILED,)):
        reason = REASONS.get(debits.OUTCOME_NAMES.get(row.outcome, ""), OTHER_REASON)
        values = {"reason": _both(reason), "again": again if row.retry_on else None}
        said.append(_debit(fact, row, values))
    return said


def mandate_changed(fact: Happened) -> list[Said]:
    """To the account whose mandate it is."""
    state = MANDATE_STATES[str(fact.payload["state"])]
    return [Said(fact.account_low, 0, {"last_four": fact.payload["last_four"], "state": _both(state)})]


def _rows(fact: Happened, states: Sequence[int]) -> list[debits.NoticeRow]:
    told = fact.payload
    accounts = fact.account_low, fact.account_high
    return debits.notice_rows(int(told["cycle"]), int(told["attempt"]), accounts, states, int(told.get("result") or 0))


def _debit(fact: Happened, row: debits.NoticeRow, more: dict[str, object] | None = None) -> Said:
    values: dict[str, object] = {
        "amount": row.amount, "day": fact.payload["debit_on"], "bank": {"zh": row.bank_zh, "en": row.bank_en},
        "last_four": row.last_four, "items": {"zh": _items(row, "zh"), "en": _items(row, "en")},
    }  # fmt: skip
    return Said(row.account_id, 0, values | (more or {}))


def _items(row: debits.NoticeRow, language: str) -> str:
    """What a debit paid or is to pay: the oldest first, many of them cut short."""
    place = 0 if language == "zh" else 1
    told = [
        f"{month_words(period, language)}{'' if language == 'zh' else ' '}{ITEM_KINDS.get(kind, OTHER_ITEM)[place]} "
        f"{money(amount, language)}"
        for period, kind, _, amount in row.items[:ITEMS_MOST]
    ]
    more = ("……" if language == "zh" else " …") if len(row.items) > ITEMS_MOST else ""
    return ("；" if language == "zh" else "; ").join(told) + more


def _both(words: tuple[str, str]) -> dict[str, str]:
    return {"zh": words[0], "en": words[1]}
