"""What is said, once, in the right words, to those who want it."""

from datetime import date, timedelta

import pytest
from django.db import connection

from gridhall.customers.models import Account, Customer
from gridhall.kernel import clock, outbox
from gridhall.kernel.access import Actor, system
from gridhall.kernel.refusal import Refusal
from gridhall.notices import making
from gridhall.notices import public as notices
from gridhall.notices.models import Sending
from gridhall.notices.occasions import BY_NAME, OCCASIONS
from gridhall.notices.public import NewText
from gridhall.payments.public import PaymentIn, receive, reverse
from tests.payments.town import SYSTEM, bill, make_accounts

pytestmark = pytest.mark.django_db(transaction=True)

ANN, BEN = (
    Actor("staff", name, "office", id=n, permissions=frozenset({"notices.write", "notices.approve"}), everywhere=True)
    for n, name in enumerate(("ann", "ben"), 1)
)


def town(accounts: int = 3) -> None:
    """Accounts that owe 25.00 each; 1 reads Chinese and has a mailbox, 2 English and one, 3 has none."""
    make_accounts(accounts)
    Customer.objects.filter(pk=1).update(email="one@example.org", name="张伟")
    Customer.objects.filter(pk=2).update(email="two@example.org", language="en", name="Ann Lake")
    for each in range(1, accounts + 1):
        bill(each, 202610, 2_500, issued=date(2026, 11, 2), due=clock.today())


def pay(account: int, amount: int, key: str) -> int:
    (answer,) = receive(SYSTEM, [PaymentIn(amount, key, account)])
    assert not isinstance(answer, Refusal)
    return answer.payment_no


def test_a_payment_is_said_to_have_come_in_the_customers_words() -> None:
    """30.00 on a debt of 25.00: nothing is owed, 5.00 is credit."""
    town()
    with clock.at(clock.now().replace(year=2026, month=11, day=25)):
        pay(1, 3_000, "a")
    outbox.deliver()
    (said,) = notices.notices_of(1, "zh")
    assert said.words.title == "已收到 30.00 元"
    assert (
        said.words.body == "张伟，您好：2026年11月25日收到户号 A0000001 缴费 30.00 元。现欠费 0.00 元，预存 5.00 元。"
    )
    assert notices.notice_of(1, said.id, "en").words.title == "We received CNY 30.00"
    assert said.mail is not None
    assert (said.mail.state, said.mail.address) == (notices.WAITING, "o••••@example.org")
    assert notices.unread(1) == 1
    notices.mark_read(1)
    assert notices.unread(1) == 0
    with pytest.raises(Refusal, match="no such notice"):
        notices.notice_of(2, said.id, "zh")


def test_a_fact_that_comes_twice_is_said_once() -> None:
    town()
    pay(1, 1_000, "a")
    pay(1, 1_500, "b")
    outbox.deliver()
    for fact in connection_facts():
        making.handle(fact)
    assert [each.values["amount"] for each in notices.notices_of(1, "zh")] == [1_500, 1_000]
    assert Sending.objects.count() == 2


def connection_facts() -> list[outbox.Happened]:
    from gridhall.kernel.models import Fact

    return [
        outbox.Happened(each.pk, each.kind, each.account_low, each.account_high, each.payload, each.at)
        for each in Fact.objects.filter(kind__in=making.SAYS)
    ]


def test_a_batch_of_payments_is_said_in_a_few_statements(django_assert_max_num_queries: object) -> None:
    """200 payments of one batch: as many notices, and no more queries than for one."""
    town(200)
    receive(SYSTEM, [PaymentIn(2_500, f"k{n}", n) for n in range(1, 201)])
    (fact,) = connection_facts()
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        making.handle(fact)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT account_id) FROM notice")
        assert cursor.fetchone() == (200, 200)
    assert Sending.objects.count() == 2


def test_what_was_taken_back_is_said_with_its_reason() -> None:
    town()
    number = pay(1, 2_500, "a")
    reverse(SYSTEM, 1, number, "paid by mistake")
    outbox.deliver()
    latest = notices.notices_of(1, "en")[0]
    assert latest.occasion.name == "payment_reversed"
    assert "CNY 25.00" in latest.words.body
    assert "paid by mistake" in latest.words.body


def test_who_does_not_want_mail_gets_the_inbox_alone_but_what_is_owed_he_gets() -> None:
    town()
    one = Actor("customer", "A0000001", "portal", id=1)
    notices.choose(one, 1, "payment_received", notices.MAIL, wanted=False)
    with pytest.raises(Refusal) as refused:
        notices.choose(one, 1, "payment_reversed", notices.MAIL, wanted=False)
    assert refused.value.code == "notice_required"
    with pytest.raises(Refusal) as refused:
        notices.choose(one, 2, "payment_received", notices.MAIL, wanted=False)
    assert refused.value.code == "not_allowed"
    reverse(SYSTEM, 1, pay(1, 2_500, "a"), "by mistake")
    outbox.deliver()
    assert [(each.occasion.name, each.mail is not None) for each in notices.notices_of(1, "zh")] == [
        ("payment_reversed", True), ("payment_received", False),
    ]  # fmt: skip
    assert {each.name: on for each, on in notices.choices(1)}["payment_received"] is False
    notices.choose(one, 1, "payment_received", notices.MAIL, wanted=True)
    pay(1, 100, "b")
    outbox.deliver()
    assert notices.notices_of(1, "zh")[0].mail is not None


# -- texts


def new(**changed: object) -> NewText:
    given = {
        "occasion": "payment_received", "from_on": clock.today(), "title_zh": "收到 {amount}",
        "body_zh": "{name}：{day}",
        "title_en": "Got {amount}", "body_en": "{name}: {day}",
    }  # fmt: skip
    return NewText(**{**given, **changed})  # type: ignore[arg-type]


def test_a_text_is_in_force_when_a_second_person_has_seen_it_and_old_ones_stay_as_they_were() -> None:
    town()
    pay(1, 100, "a")
    outbox.deliver()
    number = notices.write_text(ANN, new())
    pay(1, 200, "b")
    outbox.deliver()
    with pytest.raises(Refusal) as refused:
        notices.decide_text(ANN, number, approve=True)
    assert refused.value.code == "second_person_needed"
    notices.decide_text(BEN, number, approve=True)
    pay(1, 300, "c")
    outbox.deliver()
    titles = [each.words.title for each in notices.notices_of(1, "en")]
    assert titles == ["Got CNY 3.00", "We received CNY 2.00", "We received CNY 1.00"]
    with pytest.raises(Refusal) as refused:
        notices.decide_text(BEN, number, approve=False)
    assert refused.value.code == "wrong_text_state"


def test_a_text_waits_for_its_day() -> None:
    town()
    number = notices.write_text(ANN, new(from_on=clock.today() + timedelta(days=1)))
    notices.decide_text(BEN, number, approve=True)
    pay(1, 100, "a")
    outbox.deliver()
    assert notices.notices_of(1, "en")[0].words.title == "We received CNY 1.00"
    with clock.at(clock.now() + timedelta(days=1)):
        pay(1, 100, "b")
        outbox.deliver()
    assert notices.notices_of(1, "en")[0].words.title == "Got CNY 1.00"


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"occasion": "birthday"}, "unknown_occasion", "occasion"),
        ({"title_zh": " "}, "text_missing", "title_zh"),
        ({"title_en": "x" * 201}, "text_too_long", "title_en"),
        ({"body_en": "you owe {owed}"}, "unknown_placeholder", "body_en"),
        ({"body_zh": "{name.__class__}"}, "broken_placeholder", "body_zh"),
        ({"body_zh": "{amount!r}"}, "broken_placeholder", "body_zh"),
        ({"body_zh": "{amount:>99999999}"}, "broken_placeholder", "body_zh"),
        ({"body_en": "half {name"}, "broken_placeholder", "body_en"),
        ({"from_on": date(2020, 1, 1)}, "text_in_the_past", "from_on"),
    ],
)
def test_texts_that_say_nothing_or_too_much_are_refused_by_field(
    changed: dict[str, object], code: str, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        notices.write_text(ANN, new(**changed))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_every_occasion_has_its_words_in_both_languages_and_names_what_it_knows() -> None:
    shown = {each.occasion.name: each for each in notices.texts()}
    assert set(shown) == {each.name for each in OCCASIONS} == {name for name, _ in making.SAYS.values()}
    for each in shown.values():
        for language in ("zh", "en"):
            words = each.example(language)
            assert "{" not in words.title + words.body
            assert set(each.occasion.example) == set(each.occasion.fields)


def test_a_name_cannot_put_words_into_a_text() -> None:
    """What a customer calls himself is a value: braces in it are no placeholders."""
    town()
    Customer.objects.filter(pk=1).update(name="{amount}{account}")
    pay(1, 100, "a")
    outbox.deliver()
    assert notices.notices_of(1, "en")[0].words.body.startswith("Dear {amount}{account}, ")


def test_who_has_no_account_any_more_is_passed_over() -> None:
    town(1)
    fact = outbox.Happened(77, "credit_refunded", 999, 999, {"amount": 5}, clock.now())
    making.handle(fact)
    assert not Account.objects.filter(pk=999).exists()
    assert making.make(fact, BY_NAME["credit_refunded"], [making.Said(999, 0, {"amount": 5})]) == 0
    assert system("x").may("anything")
