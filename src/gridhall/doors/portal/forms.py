"""The portal's forms. They check the form of what was typed; whether it is right, the rooms below decide."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gridhall.kernel import ids
from gridhall.kernel.refusal import Refusal

NUMBER_DIGITS = 10


def show_refusal(form: forms.Form, refusal: Refusal, language: str) -> None:
    """Put a refusal beside the field it names, or above the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text(language))


class NumberForm(forms.Form):
    """A customer number, typed with or without spaces."""

    number = forms.CharField(
        label=_("Customer number"),
        help_text=_("Ten digits, at the top of every bill."),
        max_length=24,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "username", "autofocus": True, "placeholder": "0000 0000 00"}
        ),
    )

    def clean_number(self) -> str:
        number = "".join(str(self.cleaned_data["number"]).split()).replace("-", "")
        if len(number) != NUMBER_DIGITS or not ids.has_valid_check_digit(number):
            raise forms.ValidationError(
                gettext("This is not a customer number: please compare it with your bill, digit by digit.")
            )
        return number


class PasswordSignInForm(NumberForm):
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        help_text=_("Six digits, valid for ten minutes."),
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "autofocus": True,
                "class": "code-box",
                "maxlength": "7",
            }
        ),
    )

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split())


class NewPasswordForm(forms.Form):
    """`has_password`: then the old one is asked for first."""

    current = forms.CharField(
        label=_("Password until now"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=_("New password"),
        help_text=_("At least 10 characters. A short sentence is easy to keep in mind."),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_password:
            del self.fields["current"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", gettext("The two are not the same."))
        return given


class LanguageForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language of bills and messages"), choices=[("zh", "中文"), ("en", "English")], widget=forms.RadioSelect
    )


Ways = Sequence[tuple[str, str | Promise]]


class PayForm(forms.Form):
    """How much: everything owed, what is overdue, or another amount. `amount_minor` is the answer in minor units."""

    which = forms.ChoiceField(
        choices=[("all", _("Everything")), ("overdue", _("What is overdue")), ("other", _("Another amount"))],
        label=_("How much"),
    )
    other = forms.DecimalField(
        label=_("Another amount"),
        required=False,
        min_value=0,
        max_digits=11,
        decimal_places=settings.CURRENCY_DECIMALS,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    way = forms.ChoiceField(label=_("Way to pay"), required=False)

    def __init__(self, *args: Any, total: int, overdue: int, ways: Ways, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.total, self.overdue = total, overdue
        if not total:
            self.fields["other"].label = gettext("Amount")
        self.fields["way"].choices = ways  # type: ignore[attr-defined]  # a ChoiceField has them

    def clean_way(self) -> str:
        """The way chosen; the first where there is no choice to make."""
        ways = [name for name, _label in self.fields["way"].choices]  # type: ignore[attr-defined]
        return str(self.cleaned_data["way"]) or (ways[0] if ways else "")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        which, other = given.get("which"), given.get("other")
        amount = {"all": self.total, "overdue": self.overdue}.get(str(which), 0)
        if which == "other" and other is not None:
            amount = int(other.scaleb(settings.CURRENCY_DECIMALS))
        if which == "other" and "other" not in self.errors and amount <= 0:
            self.add_error("other", gettext("Please say how much you want to pay."))
        elif which and amount <= 0 and not self.errors:
            self.add_error(None, gettext("Nothing is owed that way. You may pay another amount in advance."))
        given["amount_minor"] = amount
        return given


class GuestForm(NumberForm):
    """Whose bill is paid by somebody who does not sign in. `fact`: the last bill's amount, which only who has the bill
    knows; without it nothing is shown of the account."""

    fact = forms.DecimalField(
        label=_("Amount of the last bill"),
        help_text=_("As printed on it. Then we show what is due now; you can also leave it out."),
        required=False,
        max_digits=11,
        decimal_places=settings.CURRENCY_DECIMALS,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def clean_fact(self) -> int | None:
        """In minor units."""
        given = self.cleaned_data["fact"]
        return None if given is None else int(given.scaleb(settings.CURRENCY_DECIMALS))
