"""Forms of acts on a customer's money: refunds, transfers, corrections, plans, write-offs; cheques; limits."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridhall.doors.office.forms import MoneyField, ReasonForm

Choices = list[tuple[str, str]]
PARTS_MOST = 36


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))


class RefundForm(ReasonForm):
    """Credit back to the customer: in cash out of one's own drawer, or to a bank account."""

    amount = MoneyField(label=_("Amount"), least=1)
    way = forms.ChoiceField(label=_("Way"), choices=[("bank", _("to a bank account")), ("cash", _("in cash"))])
    bank_account = forms.CharField(label=_("Bank account"), required=False, max_length=40)
    bank_holder = forms.CharField(label=_("Name of its holder"), required=False, max_length=80)
    field_order = ("amount", "way", "bank_account", "bank_holder", "reason")


class TransferForm(ReasonForm):
    """Credit to another account."""

    amount = MoneyField(label=_("Amount"), least=1)
    number = forms.CharField(label=_("To customer number"), max_length=24)
    field_order = ("amount", "number", "reason")


class CorrectForm(ReasonForm):
    """A payment to the account it was meant for, or to another bill of its own. Items are "period-kind-seq"."""

    number = forms.CharField(label=_("Meant for customer number"), required=False, max_length=24)
    from_item = forms.ChoiceField(label=_("It paid"), required=False)
    to_item = forms.ChoiceField(label=_("It should pay"), required=False)
    amount = MoneyField(label=_("Amount"), least=1, required=False)
    field_order = ("number", "from_item", "to_item", "amount", "reason")

    def __init__(self, *args: Any, paid: Choices, open_: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, choices in (("from_item", paid), ("to_item", open_)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "–"), *choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("number") and not all(cleaned.get(name) for name in ("from_item", "to_item", "amount")):
            self.add_error("number", _("Give the account, or both bills and the amount."))
        return cleaned


class SplitForm(forms.Form):
    """Into how many parts a debt is to be split, and when the first is due."""

    count = forms.IntegerField(label=_("Parts"), min_value=1, max_value=PARTS_MOST, initial=3)
    first = _day(_("First part due"))


class RecoverForm(ReasonForm):
    """How much of what is written off is owed again."""

    amount = MoneyField(label=_("Amount"), least=1)
    field_order = ("amount", "reason")


class LimitForm(forms.Form):
    """What a role may do from a day on."""

    act = forms.ChoiceField(label=_("Act"))
    role = forms.ChoiceField(label=_("Role"))
    since = _day(_("From"))
    alone = MoneyField(label=_("Alone up to"))
    most = MoneyField(label=_("With a second person up to"))

    def __init__(self, *args: Any, acts: Choices, roles: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, choices in (("act", acts), ("role", roles)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
