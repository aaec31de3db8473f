"""The form by which a customer lets us debit a bank account."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class MandateForm(forms.Form):
    """A mandate to be signed with the code that is sent."""

    bank = forms.TypedChoiceField(label=_("Your bank"), coerce=int)
    number = forms.CharField(
        label=_("Number of your bank account"), max_length=44,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}),
    )  # fmt: skip
    holder = forms.CharField(label=_("Name of the holder"), max_length=70, help_text=_("As the bank knows it."))
    limit = forms.DecimalField(
        label=_("Most in one debit"), required=False, min_value=Decimal(1), max_digits=12,
        decimal_places=settings.CURRENCY_DECIMALS, help_text=_("Empty: no limit. Above it we ask you first."),
    )  # fmt: skip
    preferred_day = forms.IntegerField(
        label=_("Day of the month that suits you"), required=False, min_value=1, max_value=28,
        help_text=_("From 1 to 28. Empty: any day."),
    )  # fmt: skip

    def __init__(self, *args: Any, banks: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["bank"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = banks

    def limit_minor(self) -> int:
        """The limit in minor units; 0 for none."""
        limit: Decimal | None = self.cleaned_data["limit"]
        return int(limit.scaleb(settings.CURRENCY_DECIMALS)) if limit else 0
