"""Forms of the office."""

import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from gridhall.kernel import clock

LAST_YEAR = 2999  # of a day that somebody may type


def minor_units(text: str, decimals: int) -> int | None:
    """An amount as people type it ("1,842.5", "¥350", full-width digits) in minor units; None where it is not one."""
    plain = unicodedata.normalize("NFKC", text).strip().lstrip("¥$€£").replace(",", "").replace(" ", "")
    whole, point, part = plain.partition(".")
    if not (whole or part) or (point and not part and not whole):
        return None
    if not all(piece.isascii() and piece.isdecimal() for piece in (whole, part) if piece) or len(whole) > 13:
        return None
    if len(part.rstrip("0")) > decimals:
        return None
    unit: int = 10**decimals
    return int(whole or "0") * unit + int(part[:decimals].ljust(decimals, "0") or "0")


class MoneyField(forms.CharField):
    """An amount of money; cleans to minor units (int)."""

    def __init__(self, *, least: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.least = least
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        minor = minor_units(text, settings.CURRENCY_DECIMALS)
        if minor is None:
            raise forms.ValidationError(_("This is not an amount: write it like 350 or 350.00."))
        if minor < self.least:
            raise forms.ValidationError(_("The amount is too small."))
        return minor

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            decimals = settings.CURRENCY_DECIMALS
            whole, part = divmod(value, 10**decimals)
            return f"{whole}.{part:0{decimals}d}" if decimals else str(whole)
        return value


class PeriodField(forms.CharField):
    """A billing period, as a month; cleans to YYYYMM (int)."""

    widget = forms.TextInput(attrs={"type": "month"})

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value) or "").strip().replace("-", "")
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) == 6 and 1 <= int(text[4:]) <= 12):
            raise forms.ValidationError(_("This is not a month: write it like 2026-10."))
        return int(text)

    def prepare_value(self, value: Any) -> Any:
        return f"{value // 100:04d}-{value % 100:02d}" if isinstance(value, int) else value


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class CodeForm(forms.Form):
    """A one-time code of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=16,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
    )


class PasswordForm(forms.Form):
    old = forms.CharField(
        label=_("Password until now"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least ten characters, and none of the well-known ones."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password again"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("new") and cleaned.get("new") != cleaned.get("again"):
            self.add_error("again", _("The two new passwords are not the same."))
        return cleaned


class ReasonForm(forms.Form):
    """Why something is done that cannot be undone."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, min_length=3, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class ExemptionForm(forms.Form):
    """Days without late charge. `kinds`: of whom, as (code, words). The last day is one of them."""

    kind = forms.ChoiceField(label=_("Of whom"))
    since = forms.DateField(label=_("First day"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    last_day = forms.DateField(
        label=_("Last day"), required=False, help_text=_("Left empty: until it is ended."),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=300, min_length=3, widget=forms.TextInput({"autocomplete": "off"})
    )

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = kinds

    def clean_since(self) -> Any:
        since = self.cleaned_data["since"]
        if since <= clock.today():
            raise forms.ValidationError(_("Tomorrow at the earliest."))
        return since

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, last = cleaned.get("since"), cleaned.get("last_day")
        if since and last and last < since:
            self.add_error("last_day", _("The last day is before the first."))
        if last and last.year > LAST_YEAR:
            self.add_error("last_day", _("This day is too far away; leave it empty for no end."))
        return cleaned


class OpenTillForm(forms.Form):
    till = forms.TypedChoiceField(label=_("Till"), coerce=int)
    float_amount = MoneyField(label=_("Cash in the drawer"), required=False, help_text=_("What you begin with."))

    def __init__(self, *args: Any, tills: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["till"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = tills


# Taken without a question above what is owed, in units of the currency: a slip of the finger is more.
TAKEN_UNASKED = 1000


class TakeForm(forms.Form):
    """Money over the counter. `token` keeps a double press single; far more than `owed` (minor) is asked about."""

    amount = MoneyField(label=_("Amount"), least=1)
    method = forms.ChoiceField(
        label=_("Way"), choices=[("cash", _("Cash")), ("card", _("Card")), ("cheque", _("Cheque"))]
    )
    slip = forms.CharField(label=_("Number on the terminal's slip"), required=False, max_length=40)
    bank = forms.CharField(label=_("Bank of the cheque"), required=False, max_length=80)
    number = forms.CharField(label=_("Cheque number"), required=False, max_length=40)
    drawer = forms.CharField(label=_("Drawer"), required=False, max_length=120)
    dated_on = forms.DateField(label=_("Dated"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    given = MoneyField(label=_("Given"), required=False)
    token = forms.CharField(max_length=36, widget=forms.HiddenInput)
    sure = forms.BooleanField(label=_("The amount is right"), required=False)

    def __init__(self, *args: Any, owed: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.unasked = owed + TAKEN_UNASKED * int(10**settings.CURRENCY_DECIMALS)

    @property
    def ask(self) -> bool:
        """Whether the amount is one to look at twice."""
        amount = self.cleaned_data.get("amount") if self.is_bound and hasattr(self, "cleaned_data") else None
        return bool(amount and amount > self.unasked)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        amount, given = cleaned.get("amount"), cleaned.get("given")
        if amount and amount > self.unasked and not cleaned.get("sure"):
            self.add_error("sure", _("That is far more than is owed. If it is right, say so and take it."))
        if cleaned.get("method") == "cash" and amount and given is not None and given < amount:
            self.add_error("given", _("The cash given is less than the amount."))
        for name in {"card": ("slip",), "cheque": ("bank", "number", "drawer", "dated_on")}.get(
            cleaned.get("method", ""), ()
        ):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, _("This is needed."))
        return cleaned


class NewRunForm(forms.Form):
    period = PeriodField(label=_("Period"))
    units = forms.TypedMultipleChoiceField(
        label=_("Accounting units"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, units: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["units"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = units


class PersonForm(forms.Form):
    """A new member of staff."""

    username = forms.RegexField(
        r"^[A-Za-z0-9._-]+$",
        label=_("User name"),
        max_length=60,
        help_text=_("Letters, digits, dot, dash: what is typed to sign in."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=60)
    role = forms.ChoiceField(label=_("Role"))
    units = forms.TypedMultipleChoiceField(
        label=_("Accounting units"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, roles: list[tuple[str, str]], units: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        role, places = self.fields["role"], self.fields["units"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(places, forms.TypedMultipleChoiceField)
        role.choices, places.choices = roles, units


class BankingForm(forms.Form):
    """The bank's slip for cash of the tills."""

    amount = MoneyField(label=_("Amount on the slip"), least=1)
    slip = forms.CharField(
        label=_("Number of the slip"), max_length=40, widget=forms.TextInput({"autocomplete": "off"})
    )
    banked_on = forms.DateField(label=_("Day at the bank"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, help_text=_("Needed where the slip differs from the count."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )  # fmt: skip


class TillForm(forms.Form):
    """A new cash drawer at an outlet."""

    outlet = forms.TypedChoiceField(label=_("Outlet"), coerce=int)
    code = forms.RegexField(r"^[A-Za-z0-9._-]+$", label=_("Till code"), max_length=24)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=60)

    def __init__(self, *args: Any, outlets: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["outlet"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = outlets


def last_period() -> int:
    """The period that is billed by default: last month."""
    today = clock.today()
    return today.year * 100 + today.month - 1 if today.month > 1 else (today.year - 1) * 100 + 12
