"""The town of the doors' storm: accounts that owe, a bank on the TCP line, one at the signed API, a partner with an API
key, a till that is open, and an online order for each account. Prints what the other sides must know, as JSON.

Run as `python -m tests.faults.doors_town ACCOUNTS` on a migrated database.
"""

import json
import os
import sys
from datetime import timedelta

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402  # Django comes first

from gridhall.adapters.sandbox_bank import signing  # noqa: E402
from gridhall.kernel import clock, keys  # noqa: E402
from gridhall.payments import public as payments  # noqa: E402
from tests.payments.partner_town import LENIENT, a_bank, number_of  # noqa: E402
from tests.payments.town import SYSTEM, bills, make_accounts  # noqa: E402

LEAST = 2_500


def owed(account: int) -> int:
    """What an account owes: each another amount, so that money on the wrong account is seen."""
    return LEAST + account


def main(count: int) -> None:
    from gridhall.customers.models import Account

    ids = make_accounts(count)
    for each in ids:
        Account.objects.filter(pk=each).update(number=number_of(each))
    today = clock.today()
    bills(ids, 202610, [{1: owed(each)} for each in ids], issued=today, due=today + timedelta(days=20))
    line = a_bank(LENIENT, "LINEBANK")
    a_bank(LENIENT, "WEBBANK")
    signed = payments.make_partner_key(SYSTEM, "WEBBANK", "HMAC-SHA256")
    clerk = get_user_model().objects.create(username="teller", is_active=True)
    till = payments.register_till(SYSTEM, 1, 1, "T1", "Till", "收费台")
    session = payments.open_till(SYSTEM, till, 0, clerk.pk)
    orders = {each: payments.begin_online(SYSTEM, each, owed(each)).order_no for each in ids}
    signing.private_key(signing.BANK)
    told = {
        "line": {"key_id": line.keys[0].key_id, "secret": line.keys[0].secret.hex()},
        "signed": {"key_id": signed.key_id, "secret": signed.secret},
        "api": keys.make(SYSTEM, "partner", ["payments.take"]),
        "session": session.id,
        "clerk": clerk.pk,
        "orders": orders,
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    os.environ.setdefault("GRIDHALL_PUBLIC_URL", "http://127.0.0.1")
    main(int(sys.argv[1]))
