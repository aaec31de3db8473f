"""Forms of batch debit: a cycle, a bank's result file, a mandate on paper."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridhall.doors.office.forms import MoneyField
from gridhall.kernel import clock


def _day_widget() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, "%Y-%m-%d")


class CycleForm(forms.Form):
    """A cycle: whose, on which day, and when what failed is tried again."""

    unit = forms.TypedChoiceField(label=_("Unit"), coerce=int)
    debit_on = forms.DateField(label=_("Day of debit"), widget=_day_widget())
    first_retry = forms.DateField(label=_("Try again on"), required=False, widget=_day_widget())
    second_retry = forms.DateField(label=_("and on"), required=False, widget=_day_widget())
    notice_days = forms.IntegerField(
        label=_("Days of notice"), min_value=0, max_value=30, initial=3,
        help_text=_("Customers are told amount and day so many days before."),
    )  # fmt: skip

    def __init__(self, *args: Any, units: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["unit"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = units

    def retry_on(self) -> list[date]:
        """The days to try again."""
        days = (self.cleaned_data["first_retry"], self.cleaned_data["second_retry"])
        return [day for day in days if day]


class ResultForm(forms.Form):
    """A bank's result file."""

    bank = forms.ChoiceField(label=_("Bank"))
    file = forms.FileField(label=_("Result file"))

    def __init__(self, *args: Any, banks: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["bank"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = banks


class MandateForm(forms.Form):
    """A mandate that a customer signed on paper, or at the bank."""

    bank = forms.TypedChoiceField(label=_("Bank"), coerce=int)
    number = forms.CharField(
        label=_("Bank account"), max_length=44, widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"})
    )
    holder = forms.CharField(label=_("Name of the holder"), max_length=70)
    at = forms.ChoiceField(label=_("Signed"), choices=[("paper", _("on paper")), ("bank", _("at the bank"))])
    signed_on = forms.DateField(label=_("Day signed"), widget=_day_widget(), initial=clock.today)
    limit = MoneyField(label=_("Most in one debit"), required=False, help_text=_("Empty: no limit."))
    preferred_day = forms.IntegerField(
        label=_("Preferred day of the month"), min_value=1, max_value=28, required=False, help_text=_("Empty: any day.")
    )

    def __init__(self, *args: Any, banks: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["bank"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = banks
