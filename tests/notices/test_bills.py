"""A bill run tells everybody of his bill, at once and once; the letter brings the bill."""

import pytest
from django.db import connection

from gridhall.customers.models import Account, Customer
from gridhall.kernel import clock, outbox
from gridhall.kernel.models import Fact
from gridhall.notices import making
from gridhall.notices import public as notices
from tests.billing.town import AUGUST, moment, small_town
from tests.notices.test_sending import Mailbox, mailbox

__all__ = ["mailbox"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_says_each_bill_once_and_the_letter_brings_it(mailbox: Mailbox) -> None:
    """As in the bill run's own story: Wang 164.07, Li 150.27, Zhao 49.22; due on 18 September."""
    town = small_town()
    account = town.accounts["Li"]
    owner = Account.objects.get(pk=account).customer_id
    Customer.objects.filter(pk=owner).update(email="li@example.org", language="en")
    town.read(202608, AUGUST)
    town.bill(202608)
    with clock.at(moment("2026-09-08")):
        outbox.deliver()
        titles = {home: [each.words.title for each in notices.notices_of(number, "en")]
                  for home, number in town.accounts.items()}  # fmt: skip
        assert titles == {home: ["Your electricity bill for August 2026"] for home in town.accounts}
        (said,) = notices.notices_of(account, "en")
        assert "is CNY 150.27, due on 18 September 2026." in said.words.body
        for fact in Fact.objects.filter(kind="bill_issued"):
            making.handle(
                outbox.Happened(fact.pk, fact.kind, fact.account_low, fact.account_high, fact.payload, fact.at)
            )
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM notice")
            assert cursor.fetchone() == (len(town.accounts),)
        assert notices.send_waiting() == 1
    ((to, letter),) = mailbox.letters
    assert to == "li@example.org"
    (pdf,) = letter.iter_attachments()
    assert pdf.get_content_type() == "application/pdf"
    assert pdf.get_content().startswith(b"%PDF")
    assert pdf.get_filename() == f"{said.values['account']}-202608.pdf"
