"""The town of the doors' storm: accounts that owe, a bank on the TCP line, one at the signed API, a partner with an API
key, a till that is open, an online order and a debit mandate for each account, all of which are in a file that was sent
to the bank. Prints what the other sides must know, as JSON.

Run as `python -m tests.faults.doors_town ACCOUNTS` on a migrated database.
"""

import base64
import json
import os
import sys
from datetime import datetime, timedelta

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402  # Django comes first

from gridhall.adapters.sandbox_bank import signing  # noqa: E402
from gridhall.kernel import clock, keys  # noqa: E402
from gridhall.payments import public as payments  # noqa: E402
from tests.debits.town import make_bank, manager, officer, pipe_answer  # noqa: E402
from tests.debits.town import number_of as bank_number  # noqa: E402
from tests.payments.partner_town import LENIENT, a_bank  # noqa: E402
from tests.payments.statement_town import number_of, our_account  # noqa: E402
from tests.payments.town import SYSTEM, bills, make_accounts  # noqa: E402

LEAST = 2_500


def owed(account: int) -> int:
    """What an account owes: each another amount, so that money on the wrong account is seen."""
    return LEAST + account


def debited(ids: list[int], moment: datetime) -> bytes:
    """A cycle that debits everybody today: announced and sent days ago. What the bank answers to its file."""
    from gridhall.debits.models import Mandate
    from gridhall.debits.public import NewMandate, announce, issue, make_files, plan_cycle, send_file, sign

    bank = make_bank(rows_most=len(ids))
    today = clock.today()
    with clock.at(moment - timedelta(days=9)):
        for each in ids:
            signed = NewMandate(each, bank, f"客户{each}", bank_number(each), "paper", today - timedelta(30), 0)
            sign(SYSTEM, signed)
        Mandate.objects.update(state="active")
        cycle = plan_cycle(officer(), 1, today, (today + timedelta(7),))
        issue(officer(), cycle.id)
        announce(officer(), cycle.id)
    with clock.at(moment - timedelta(days=2)):
        (file,) = make_files(officer(), cycle.id)
        send_file(manager(), file.id)
    return pipe_answer(file.id, {}, today)


def main(count: int) -> None:
    from gridhall.customers.models import Account

    ids = make_accounts(count)
    for each in ids:
        Account.objects.filter(pk=each).update(number=number_of(each))
    today, moment = clock.today(), clock.now()
    bills(ids, 202610, [{1: owed(each)} for each in ids], issued=today - timedelta(20), due=today + timedelta(days=20))
    line = a_bank(LENIENT, "LINEBANK")
    a_bank(LENIENT, "WEBBANK")
    signed = payments.make_partner_key(SYSTEM, "WEBBANK", "HMAC-SHA256")
    clerk = get_user_model().objects.create(username="teller", is_active=True)
    till = payments.register_till(SYSTEM, 1, 1, "T1", "Till", "收费台")
    session = payments.open_till(SYSTEM, till, 0, clerk.pk)
    our_account()
    answer = debited(ids, moment)
    orders = {each: payments.begin_online(SYSTEM, each, owed(each)).order_no for each in ids}
    signing.private_key(signing.BANK)
    told = {
        "line": {"key_id": line.keys[0].key_id, "secret": line.keys[0].secret.hex()},
        "signed": {"key_id": signed.key_id, "secret": signed.secret},
        "api": keys.make(SYSTEM, "partner", ["payments.take"]),
        "session": session.id,
        "clerk": clerk.pk,
        "orders": orders,
        "numbers": {each: number_of(each) for each in ids},
        "result": base64.b64encode(answer).decode(),
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    os.environ.setdefault("GRIDHALL_PUBLIC_URL", "http://127.0.0.1")
    main(int(sys.argv[1]))
