"""Notices by e-mail, over SMTP."""

import smtplib
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from email.utils import formataddr, formatdate

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email

from gridhall.notices.ports import AGAIN, NEVER, TAKEN, Message, Outcome


class Smtp:
    """One connection for a batch; each message has its own answer. The server is that of Django's mail settings."""

    def send(self, messages: Sequence[Message]) -> list[Outcome]:
        backend = get_connection()
        if not isinstance(backend, EmailBackend):
            raise TypeError("the way by mail needs Django's SMTP backend (EMAIL_BACKEND)")
        try:
            backend.open()
        except (OSError, smtplib.SMTPException) as error:
            return [Outcome(AGAIN, f"the mail server cannot be reached: {error}")] * len(messages)
        try:
            return [self._one(backend, message) for message in messages]
        finally:
            backend.close()

    def _one(self, backend: EmailBackend, message: Message) -> Outcome:
        server = backend.connection
        if server is None:
            return Outcome(AGAIN, "the mail server hung up")
        try:
            raw = _letter(message)
        except (ValueError, ValidationError) as error:  # an address that could break out of its header, or is none
            return Outcome(NEVER, f"no message can be made: {error}")
        try:
            code, answer = _hand_over(server, message.address, raw)
        except smtplib.SMTPServerDisconnected as error:
            backend.connection = None
            return Outcome(AGAIN, str(error))
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(AGAIN, f"{type(error).__name__}: {error}")
        words = f"{code} {answer.decode('utf-8', 'replace')}"
        if 200 <= code < 300:
            return Outcome(TAKEN, words)
        return Outcome(NEVER if code >= 500 else AGAIN, words)


def _hand_over(server: smtplib.SMTP, address: str, raw: bytes) -> tuple[int, bytes]:
    """One message on an open connection: the server's answer to the first step it did not take, or to the last."""
    server.ehlo_or_helo_if_needed()
    code, answer = server.mail(settings.NOTICE_MAIL_FROM)
    if code < 400:
        code, answer = server.rcpt(address)
    if code < 400:
        try:
            code, answer = server.data(raw)
        except smtplib.SMTPDataError as error:
            code, answer = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
    if code >= 400:
        server.rset()
    return int(code), bytes(answer)


def _letter(message: Message) -> bytes:
    """The message as it is sent. Raises ValidationError, ValueError for an address that is none."""
    validate_email(message.address)
    letter = EmailMessage()
    letter["From"] = formataddr((settings.NOTICE_MAIL_NAME, settings.NOTICE_MAIL_FROM))
    letter["To"] = message.address
    letter["Subject"] = message.title
    letter["Date"] = formatdate()
    letter["Message-ID"] = f"<{message.ident}@{settings.NOTICE_MAIL_FROM.partition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.body + "\n")
    letter["Content-Language"] = message.language  # after the content, which takes Content-… away
    for each in message.attachments:
        main, _, sub = each.content_type.partition("/")
        letter.add_attachment(each.data, maintype=main, subtype=sub, filename=each.name)
    return letter.as_bytes(policy=policy.SMTP.clone(cte_type="7bit"))
