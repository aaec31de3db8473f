"""The late charge is the same sum wherever it is told: home, its own page, the payment page, and the books."""

import re
from datetime import datetime, timedelta

from gridhall.kernel import clock
from gridhall.ledger import public as ledger
from tests.portal.conftest import SignIn
from tests.portal.test_pages import plain
from tests.portal.town import Household, _pay


def test_charged_and_arising_are_told_apart(two: tuple[Household, Household], sign_in: SignIn, noon: datetime) -> None:
    """135.87, due 20 November. On the 30th 1.00 comes: 10 days × 0.1 % = 1.36 (1.3587) are charged, 0.36 of it stay
    open. On 10 December 20 days make 2.72 (2.7174), of which 1.36 have arisen since: to pay 135.87 + 0.36 + 1.36."""
    account = two[0].account_id
    with clock.at(noon + timedelta(days=20)):
        _pay(account, 100, "part")
    with clock.at(noon + timedelta(days=30)):
        client = sign_in(two[0])
        owed = ledger.owed(account)
        assert (owed.principal, owed.late) == (13_587, 172)
        parts = sorted((item.kind, item.open, item.late_now) for item in owed.items)
        assert parts == [(ledger.ITEM_BILL, 13_587, 136), (ledger.ITEM_LATE, 36, 0)]
        home, late, pay = (plain(client.get(page).content) for page in ("/", "/late-charge", "/pay"))
        assert '<span class="sign">¥</span>137.59' in home
        assert "This includes a late charge of ¥ 1.72." in home
        sums = re.findall(r"<dt[^>]*>([^<]+)</dt><dd[^>]*>¥ ([\d.]+)</dd>", late)
        assert ("Late charge charged with an earlier payment, still open", "0.36") in sums
        assert ("Late charge arisen since, charged when you pay", "1.36") in sums
        assert [amount for name, amount in sums if name == "Late charge to today"] == ["1.72", "1.72"]
        assert ("To pay today", "137.59") in sums
        assert "137.59" in pay
        # today's row of the table says the same
        assert re.search(r'today</span></th><td class="num">¥ 1.72</td><td class="num strong">¥ 137.59', late)
