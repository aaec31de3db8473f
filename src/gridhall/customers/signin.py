"""How a customer signs in: by a one-time code or a password. Failures are counted and lock the number for a while.

The answer never tells whether a number exists: an unknown one is refused in the same words, after the same counting.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import hashers, password_validation
from django.core.exceptions import ValidationError
from django.db import transaction

from gridhall.customers import models
from gridhall.customers.ports import MessageSender
from gridhall.kernel import audit
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal

CODE_DIGITS = 6
CODE_LIVES = timedelta(minutes=10)
CODE_TRIES_MOST = 5
CODES_APART = timedelta(seconds=60)
FAILURES_MOST = 8
FAILURES_WITHIN = timedelta(minutes=15)


def send_code(number: str, moment: datetime, sender: MessageSender) -> None:
    """Send a one-time code to the phone (or e-mail) of the account. The answer is the same where there is no such
    account.

    A second code within a minute is not sent again. Refuses `locked` after too many failures.
    """
    _refuse_locked(number, moment)
    account = _open_account(number)
    if account is None:
        return
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    with transaction.atomic():
        # the row of the account makes callers that arrive together wait for each other
        models.Account.objects.select_for_update().get(id=account.id)
        newest = models.SignInCode.objects.filter(account=account).order_by("-sent_at").first()
        if newest is not None and newest.used_at is None and moment - newest.sent_at < CODES_APART:
            return
        models.SignInCode.objects.filter(account=account, used_at__isnull=True).update(used_at=moment)
        models.SignInCode.objects.create(
            account=account, digest=_digest(account.id, code), sent_at=moment, expires_at=moment + CODE_LIVES
        )
    way, to = ("text", account.customer.phone) if account.customer.phone else ("email", account.customer.email)
    sender.send(to, way, "sign_in_code", _code_text(code, account.customer.language), account_id=account.id)


def check_code(number: str, code: str, moment: datetime) -> int:
    """The account id where the code is right; it works once. Refuses `code_wrong` (also expired, used, tried out)
    and `locked`."""
    _refuse_locked(number, moment)
    account = _open_account(number)
    if account is not None and _use_code(account.id, code.strip(), moment):
        _forget_failures(number)
        return account.id
    _count_failure(number, moment)
    raise Refusal("code_wrong", "The code is wrong or has expired.", "验证码错误或已过期。", field="code")


def set_password(actor: Actor, account_id: int, password: str, moment: datetime) -> None:
    """Give the account a password. Refuses `password_weak` with what is wrong with it."""
    try:
        password_validation.validate_password(password)
    except ValidationError as weak:
        raise Refusal(
            "password_weak",
            "The password is too short or too common (at least 10 characters).",
            "密码过短或过于常见（至少 10 个字符）。",
            field="password",
        ) from weak
    with transaction.atomic():
        models.PortalCredential.objects.update_or_create(
            account_id=account_id,
            defaults={"password": hashers.make_password(password), "changed_at": moment},
        )
        audit.record(actor, "customers.set_password", f"account:{account_id}")


def check_password(number: str, password: str, moment: datetime) -> int:
    """The account id where number and password fit. Refuses `password_wrong` and `locked`."""
    _refuse_locked(number, moment)
    account = _open_account(number)
    credential = models.PortalCredential.objects.filter(account=account).first() if account else None
    if credential is None:
        # the same work as for a real one, so that time tells nothing
        hashers.make_password(password)
    elif hashers.check_password(password, credential.password):
        _forget_failures(number)
        return credential.account_id
    _count_failure(number, moment)
    raise Refusal("password_wrong", "Number or password is wrong.", "户号或密码错误。", field="password")


def password_changed_at(account_id: int) -> datetime | None:
    """When the account's password was last set; None without one. A session from before that day has ended."""
    return models.PortalCredential.objects.filter(account_id=account_id).values_list("changed_at", flat=True).first()


def has_password(account_id: int) -> bool:
    return models.PortalCredential.objects.filter(account_id=account_id).exists()


def _open_account(number: str) -> models.Account | None:
    # A closed account may still be looked at and paid.
    return models.Account.objects.select_related("customer").filter(number=number.strip()).first()


def _use_code(account_id: int, code: str, moment: datetime) -> bool:
    with transaction.atomic():
        newest = (
            models.SignInCode.objects.select_for_update()
            .filter(account_id=account_id, used_at__isnull=True)
            .order_by("-sent_at")
            .first()
        )
        if newest is None or newest.expires_at <= moment or newest.tries >= CODE_TRIES_MOST:
            return False
        newest.tries += 1
        right = hmac.compare_digest(newest.digest, _digest(account_id, code))
        if right:
            newest.used_at = moment
        newest.save(update_fields=["tries", "used_at"])
        return right


def _digest(account_id: int, code: str) -> str:
    key = hashlib.sha256(b"gridhall.sign-in-code\0" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, f"{account_id}:{code}".encode(), hashlib.sha256).hexdigest()


def _refuse_locked(number: str, moment: datetime) -> None:
    failures = models.SignInFailure.objects.filter(number=number.strip()[:32], at__gt=moment - FAILURES_WITHIN).count()
    if failures >= FAILURES_MOST:
        raise Refusal(
            "locked",
            "Too many failures. Please try again in a quarter of an hour.",
            "失败次数过多，请一刻钟后再试。",
            field="number",
        )


def _count_failure(number: str, moment: datetime) -> None:
    models.SignInFailure.objects.create(number=number.strip()[:32], at=moment)


def _forget_failures(number: str) -> None:
    models.SignInFailure.objects.filter(number=number.strip()[:32]).delete()


def _code_text(code: str, language: str) -> str:
    if language.startswith("zh"):
        return f"您的登录验证码是 {code}，10 分钟内有效。请勿告诉他人。"
    return f"Your sign-in code is {code}. It is valid for 10 minutes. Tell it to nobody."
