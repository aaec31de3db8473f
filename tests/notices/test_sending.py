"""Mail over real SMTP: taken, put off, refused, lost in between, come back."""

import email
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from gridhall.customers.models import Customer
from gridhall.kernel import clock, outbox
from gridhall.kernel.access import system
from gridhall.kernel.refusal import Refusal
from gridhall.notices import public as notices
from gridhall.notices import sending
from gridhall.notices.bounces import read_bounce
from gridhall.notices.models import Sending
from tests.notices.test_saying import ANN, pay, town

pytestmark = pytest.mark.django_db(transaction=True)


class Mailbox:
    """A mail server that takes what comes, or answers as it is told to, address by address."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, Any]] = []
        self.says: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802  # the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        answer = self.says.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802  # as above
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del server, session
        assert isinstance(envelope.content, bytes)
        self.letters.append((envelope.rcpt_tos[0], email.message_from_bytes(envelope.content, policy=policy.default)))
        return "250 2.0.0 queued as 77"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.NOTICE_WAYS = {notices.MAIL: "gridhall.adapters.mail.Smtp"}
    settings.NOTICE_MAIL_FROM = "notices@lamplake.example"
    yield box
    server.stop()


def said() -> None:
    """One payment each by 1 (Chinese) and 2 (English), said to both."""
    town()
    pay(1, 2_500, "a")
    pay(2, 2_500, "b")
    outbox.deliver()


def states() -> list[int]:
    return list(Sending.objects.order_by("notice_id").values_list("state", flat=True))


def test_letters_go_out_in_the_readers_language_with_a_number_of_their_own(mailbox: Mailbox) -> None:
    said()
    assert notices.send_waiting() == 2
    assert notices.send_waiting() == 0
    (to_one, chinese), (to_two, english) = sorted(mailbox.letters, key=lambda each: each[0])
    assert (to_one, to_two) == ("one@example.org", "two@example.org")
    assert chinese["Subject"] == "已收到 25.00 元"
    assert chinese.get_content().startswith("张伟，您好")
    assert english["Subject"] == "We received CNY 25.00"
    assert english["Message-ID"] == f"<notice-{notices.notices_of(2, 'en')[0].id}@lamplake.example>"
    assert (english["Auto-Submitted"], english["Content-Language"]) == ("auto-generated", "en")
    mail = notices.notices_of(2, "en")[0].mail
    assert mail is not None
    assert (mail.state, mail.answer, mail.tries) == (notices.SENT, "250 2.0.0 queued as 77", 1)
    assert mail.sent_at is not None


def test_put_off_is_tried_again_later_and_refused_is_not(mailbox: Mailbox) -> None:
    said()
    mailbox.says = {"one@example.org": "451 4.7.1 greylisted, come back", "two@example.org": "550 5.1.1 no such user"}
    start = clock.now()
    with clock.at(start):
        assert notices.send_waiting() == 2
        assert states() == [notices.WAITING, notices.REFUSED]
        assert notices.send_waiting() == 0
        (failed,) = notices.failures()
    assert (failed.account_id, failed.answer, failed.address) == (2, "550 5.1.1 no such user", "t••••@example.org")
    mailbox.says = {}
    with clock.at(start + timedelta(minutes=2)):
        assert notices.send_waiting() == 1
        assert states() == [notices.SENT, notices.REFUSED]
        with pytest.raises(Refusal, match="not one"):
            notices.send_again(replace(ANN, everywhere=False, units=frozenset({99})), failed.notice_id)
        notices.send_again(ANN, failed.notice_id)
        with pytest.raises(Refusal, match="not one"):
            notices.send_again(ANN, failed.notice_id)
        assert notices.send_waiting() == 1
    assert states() == [notices.SENT, notices.SENT]
    assert len(mailbox.letters) == 2


def test_a_server_that_is_down_loses_nothing_and_is_given_up_after_a_day(mailbox: Mailbox, settings: Any) -> None:
    said()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = nobody.getsockname()[1]
    moment, waits = clock.now(), []
    for _ in range(sending.TRIES_MOST):
        with clock.at(moment):
            assert notices.send_waiting() == 2
        row = Sending.objects.order_by("notice_id").first()
        assert row is not None
        waits.append(row.next_at - moment)
        moment = row.next_at
    assert states() == [notices.GIVEN_UP] * 2
    assert timedelta(hours=12) < sum(waits, timedelta()) < timedelta(hours=36)
    assert "cannot be reached" in notices.failures()[0].answer


def test_killed_between_sending_and_noting_it_is_sent_again_under_the_same_number(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once: the letter may come twice, with one Message-ID by which a mailbox knows it."""
    said()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    start = clock.now()
    with monkeypatch.context() as patched, clock.at(start):
        patched.setattr(sending, "_record", die)
        with pytest.raises(KeyboardInterrupt):
            notices.send_waiting()
    assert states() == [notices.SENDING] * 2
    with clock.at(start + timedelta(minutes=14)):
        assert notices.send_waiting() == 0
    with clock.at(start + timedelta(minutes=15)):
        assert notices.send_waiting() == 2
    assert states() == [notices.SENT] * 2
    idents = [letter["Message-ID"] for _, letter in mailbox.letters]
    assert len(idents) == 4
    assert len(set(idents)) == 2


@pytest.mark.parametrize("address", ["a@b\r\nBcc: all@example.org", "no address", "a@b c"])
def test_an_address_that_is_none_harms_no_other(mailbox: Mailbox, address: str) -> None:
    said()
    Sending.objects.filter(account_id=1).update(address=address)
    notices.send_waiting()
    assert [to for to, _ in mailbox.letters] == ["two@example.org"]
    assert Sending.objects.get(account_id=2).state == notices.SENT
    assert Sending.objects.get(account_id=1).state in (notices.REFUSED, notices.WAITING)


def test_without_a_mail_server_notices_stand_in_the_inbox_and_no_letter_waits_for_years(settings: Any) -> None:
    settings.NOTICE_WAYS = {}
    said()
    assert notices.send_waiting() == 0
    assert states() == []
    assert len(notices.notices_of(1, "zh")) == 1


REPORT = """From: MAILER-DAEMON@example.org
To: notices@lamplake.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; one@example.org
Action: failed
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 unknown user

--b
Content-Type: text/rfc822-headers

Message-ID: <notice-{number}@lamplake.example>
Subject: x

--b--
"""


def report(number: int, status: str = "5.1.1") -> bytes:
    return REPORT.format(number=number, status=status).replace("\n", "\r\n").encode()


def test_an_address_whose_mail_comes_back_gets_no_more(mailbox: Mailbox) -> None:
    said()
    notices.send_waiting()
    (first,) = notices.notices_of(1, "zh")
    assert not notices.take_bounce(system("mail"), report(first.id, "4.2.2"))  # it may still arrive
    assert notices.take_bounce(system("mail"), report(first.id))
    assert notices.take_bounce(system("mail"), report(first.id))
    mail = notices.notice_of(1, first.id, "zh").mail
    assert mail is not None
    assert (mail.state, mail.answer) == (notices.BOUNCED, "5.1.1 smtp; 550 5.1.1 unknown user")
    pay(1, 100, "c")
    outbox.deliver()
    assert notices.notices_of(1, "zh")[0].mail is None
    assert Customer.objects.get(pk=1).email == "one@example.org"


@pytest.mark.parametrize("data", [b"", b"hello", report(10**9), b"\xff" * 1000, report(1).replace(b"Status", b"Stat")])
def test_what_is_no_report_about_ours_changes_nothing(data: bytes) -> None:
    assert not notices.take_bounce(system("mail"), data)


def test_a_report_is_read() -> None:
    bounce = read_bounce(report(12))
    assert bounce is not None
    assert (bounce.notice_id, bounce.final) == (12, True)


def test_days_are_counted_by_way(mailbox: Mailbox) -> None:
    said()
    notices.send_waiting()
    counts = {(each.way, each.state): each.count for each in notices.by_day(clock.today() - timedelta(days=3))}
    assert counts == {(notices.INBOX, notices.SENT): 2, (notices.MAIL, notices.SENT): 2}
