"""Notices in the office: what is said is written by one and approved by another; what failed is seen and sent again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gridhall.kernel import outbox
from gridhall.notices import public as notices
from gridhall.notices.models import REFUSED, Sending
from gridhall.payments.public import PaymentIn, receive
from tests.office.conftest import Enter, text_of
from tests.office.town import SYSTEM, Town

QUERIES_MOST = 12
WORDS = {
    "from_on": "2026-12-01", "title_zh": "收到 {amount}", "body_zh": "谢谢 {name}", "title_en": "Got {amount}",
    "body_en": "Thanks, {name}",
}  # fmt: skip


def text_number(occasion: str) -> int:
    return next(each.id for each in notices.texts() if each.occasion.name == occasion)


def test_a_text_is_looked_at_written_and_approved_by_two(town: Town, enter: Enter) -> None:
    billing, manager = enter("billing"), enter("manager")
    at = f"/office/notices/texts/{text_number('payment_received')}"
    looked = text_of(billing.post(at, {**WORDS, "word": "look"}))
    assert "Got CNY 123.45" in looked
    assert "收到 123.45 元" in looked
    assert all(each.state == notices.APPROVED for each in notices.texts())
    wrong = billing.post(at, {**WORDS, "body_en": "you owe {owed}", "word": "keep"})
    assert wrong.status_code == 422
    assert "names something that this occasion does not know" in text_of(wrong)
    made = billing.post(at, {**WORDS, "word": "keep"})
    draft = made.headers["Location"]
    assert 'value="approve"' not in text_of(billing.get(draft))
    assert billing.post(f"{draft}/decide", {"word": "approve"}).status_code == 403
    assert 'value="approve"' in text_of(manager.get(draft))
    manager.post(f"{draft}/decide", {"word": "approve"})
    assert notices.text(int(draft.rsplit("/", 1)[1])).state == notices.APPROVED


def failed_sending(town: Town) -> tuple[int, int]:
    """A notice whose letter was refused: (account, notice)."""
    account = town.lake[0]
    receive(SYSTEM, [PaymentIn(100, "counter:said", account)])
    outbox.deliver()
    notice = notices.notices_of(account, "en")[0].id
    Sending.objects.filter(notice_id=notice).delete()
    row = Sending(
        notice_id=notice, way=notices.MAIL, account_id=account, address="w@example.org", language="zh", state=REFUSED,
        tries=1, next_at=notices.notices_of(account, "en")[0].made_at, answer="550 5.1.1 no such user",
    )  # fmt: skip
    row.save(force_insert=True)
    return account, notice


def test_what_did_not_arrive_is_seen_with_its_answer_and_sent_again(town: Town, enter: Enter) -> None:
    account, notice = failed_sending(town)
    billing = enter("billing")
    page = text_of(billing.get("/office/notices"))
    assert "550 5.1.1 no such user" in page
    assert "w••••@example.org" in page
    assert "w@example.org" not in page
    assert "We received" in text_of(billing.get(f"/office/customers/{account}/messages"))
    assert enter("clerk").post(f"/office/notices/{notice}/again").status_code == 403
    billing.post(f"/office/notices/{notice}/again")
    assert notices.failures() == []
    assert "550 5.1.1" not in text_of(billing.get("/office/notices"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_open_in_both_languages_and_ask_little(town: Town, enter: Enter, language: str) -> None:
    account, _ = failed_sending(town)
    manager = enter("manager", language)
    for page in ("/office/notices", f"/office/notices/texts/{text_number('bill_issued')}",
                 f"/office/customers/{account}/messages"):  # fmt: skip
        manager.get(page)
        with CaptureQueriesContext(connection) as asked:
            answer = manager.get(page)
        assert answer.status_code == 200
        assert len(asked) <= QUERIES_MOST, page
        if language == "zh-hans":
            assert "Notices" not in text_of(answer).split("<main", 1)[1]
