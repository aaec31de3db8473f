"""Settings of the whole. What a supplier may choose comes from the environment; see docs/operate/settings.md."""

import contextlib
import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gridhall.kernel import database
from gridhall.kernel.home import home

PACKAGE = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("GRIDHALL_DEBUG") == "1"
DEMO = os.environ.get("GRIDHALL_DEMO") == "1"


def _secret_key() -> str:
    """The key that signs sessions: from the environment, or made once and kept, readable by its owner alone."""
    given = os.environ.get("GRIDHALL_SECRET_KEY")
    if given:
        return given
    kept = home() / "secret_key"
    if not kept.exists():
        handle = os.open(kept.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(50))
        # link() fails where another process was first; then its key is ours
        with contextlib.suppress(FileExistsError):
            os.link(kept.with_suffix(".new"), kept)
        kept.with_suffix(".new").unlink(missing_ok=True)
    return kept.read_text().strip()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("GRIDHALL_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
PUBLIC_URL = os.environ.get("GRIDHALL_PUBLIC_URL", "http://127.0.0.1:8000")
# Forms come from our own address, which behind a TLS proxy is not the one that the proxy asks us at.
_ours = urlsplit(PUBLIC_URL)
CSRF_TRUSTED_ORIGINS = [
    origin for origin in (os.environ.get("GRIDHALL_ORIGINS") or f"{_ours.scheme}://{_ours.netloc}").split(",") if origin
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "ninja",
    "axes",
    "procrastinate.contrib.django",
    "gridhall.kernel",
    "gridhall.territory",
    "gridhall.customers",
    "gridhall.metering",
    "gridhall.tariffs",
    "gridhall.ledger",
    "gridhall.payments",
    "gridhall.billing",
    "gridhall.cards",
    "gridhall.notices",
    "gridhall.debits",
    "gridhall.doors.look",
    "gridhall.doors.portal",
    "gridhall.doors.office",
]

MIDDLEWARE = [
    "gridhall.doors.look.proxies.caller_address",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "gridhall.project.urls"
WSGI_APPLICATION = "gridhall.project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gridhall.doors.look.context.look",
            ],
        },
    }
]

DATABASES = {"default": database.django_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "office/locked.html"
# Roles of staff that must have a second factor; a demo asks none of them.
OFFICE_SECOND_FACTOR_ROLES = frozenset(
    role for role in os.environ.get("GRIDHALL_SECOND_FACTOR_ROLES", "" if DEMO else "manager").split(",") if role
)

LOGIN_URL = "/office/sign-in"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("GRIDHALL_HTTPS") == "1"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# How many proxies of our own stand before us: they say who calls (doors/look/proxies.py).
TRUSTED_PROXIES = int(os.environ.get("GRIDHALL_TRUSTED_PROXIES", "0"))
if TRUSTED_PROXIES and SESSION_COOKIE_SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Behind HTTPS a browser comes back by HTTPS alone, for a year.
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SESSION_COOKIE_SECURE else 0
CSRF_FAILURE_VIEW = "gridhall.doors.look.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
    }
}

LANGUAGE_CODE = os.environ.get("GRIDHALL_LANGUAGE", "zh-hans")
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "gridhall_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("GRIDHALL_TIME_ZONE", "Asia/Shanghai")
# Where the Parquet files of interval data lie, if not in the home: a folder, or the address of an object store.
INTERVAL_FILES = os.environ.get("GRIDHALL_INTERVAL_FILES", "")

STATIC_URL = "/static/"
STATIC_ROOT = home() / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # empty until `gridhall serve` collects; WhiteNoise wants it to be there
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "gridhall.doors.look.storage.CollectedFiles"},
}

# Money: the currency of the supplier and how many decimals its minor unit has.
CURRENCY = os.environ.get("GRIDHALL_CURRENCY", "CNY")
CURRENCY_DECIMALS = int(os.environ.get("GRIDHALL_CURRENCY_DECIMALS", "2"))
SUPPLIER_NAME_ZH = os.environ.get("GRIDHALL_SUPPLIER_ZH", "灯湖供电")
SUPPLIER_NAME_EN = os.environ.get("GRIDHALL_SUPPLIER_EN", "Lamplake Power")
SUPPLIER_PHONE = os.environ.get("GRIDHALL_SUPPLIER_PHONE", "955 980 000")
# Processes of a bill run that is started from the office; 0: in the worker itself.
RUN_PROCESSES = int(os.environ.get("GRIDHALL_RUN_PROCESSES", "2"))
# Who carries messages to customers: a class with `send` (customers/ports.py).
MESSAGE_SENDER = os.environ.get("GRIDHALL_MESSAGE_SENDER", "gridhall.adapters.message_log.Sender")

# Mail to customers: `GRIDHALL_SMTP_URL` as smtp://user:password@host:port (STARTTLS), smtps:// (TLS from the start) or
# smtp+plain:// (a server on this machine). Without it notices are in the portal's inbox alone.
_smtp = urlsplit(os.environ.get("GRIDHALL_SMTP_URL", ""))
if _smtp.scheme not in ("", "smtp", "smtps", "smtp+plain"):
    raise ValueError("GRIDHALL_SMTP_URL begins with smtp://, smtps:// or smtp+plain://")
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _smtp.hostname or "localhost", _smtp.port or (465 if _smtp.scheme == "smtps" else 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_smtp.username or ""), unquote(_smtp.password or "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _smtp.scheme == "smtp", _smtp.scheme == "smtps"
EMAIL_TIMEOUT = 20
NOTICE_MAIL_FROM = os.environ.get("GRIDHALL_MAIL_FROM", "notices@localhost")
NOTICE_MAIL_NAME = os.environ.get("GRIDHALL_MAIL_NAME", SUPPLIER_NAME_ZH)
NOTICE_WAYS = {2: "gridhall.adapters.mail.Smtp"} if _smtp.scheme else {}

# How many seconds the portal's answer to a sign-in takes at least: time must not tell whether a number exists.
SIGN_IN_PACE_S = 0.4
# How many days before today the money of a payment may count from (its value day at the bank).
VALUE_DAYS = int(os.environ.get("GRIDHALL_VALUE_DAYS", "31"))

# Where customers can pay online, by name. The sandbox bank is for trying out: a demo has it, others only if asked.
_KNOWN_GATEWAYS = {
    "sandbox": "gridhall.adapters.sandbox_bank.gateway.SandboxGateway",
    "alipay": "gridhall.adapters.alipay.gateway.AlipayGateway",
    "wechat": "gridhall.adapters.wechat_pay.gateway.WechatGateway",
    "stripe": "gridhall.adapters.stripe_card.gateway.StripeGateway",
}
_gateways = [way for way in os.environ.get("GRIDHALL_GATEWAYS", "sandbox" if DEMO else "").split(",") if way]
for _way in _gateways:
    if _way not in _KNOWN_GATEWAYS:
        raise ValueError(f"GRIDHALL_GATEWAYS names {_way}, which is not known")
PAYMENT_GATEWAYS = {way: _KNOWN_GATEWAYS[way] for way in _gateways}

# Forms of bank statement that can be brought in.
STATEMENT_READERS = {
    "camt.053": "gridhall.adapters.camt.statement.Reader",
    "mt940": "gridhall.adapters.mt940.statement.Reader",
    "csv": "gridhall.adapters.statement_csv.statement.Reader",
}

# Forms of the files by which banks debit for us; what stands after a colon names a layout of the form.
DEBIT_FORMS = {
    "pain.008.001.02": "gridhall.adapters.iso20022.debits.Form",
    "pain.008.001.08": "gridhall.adapters.iso20022.debits.Form",
    "text": "gridhall.adapters.bank_text.form.Form",
}
# A folder with layouts of the supplier's own banks, beside those that are shipped.
DEBIT_LAYOUTS = os.environ.get("GRIDHALL_DEBIT_LAYOUTS", "")

# Who makes electronic invoices of bills, by name, and what stands in them of the supplier.
INVOICE_ISSUERS = {"facturx": "gridhall.adapters.facturx.issuer.FacturxIssuer"}
SUPPLIER_INVOICE = {
    name: os.environ.get(f"GRIDHALL_SUPPLIER_{name.upper()}", default)
    for name, default in (
        ("address", ""), ("city", ""), ("postcode", ""), ("country", "CN"), ("vat_id", ""), ("tax_id", ""),
    )
}  # fmt: skip
