"""Choosing how pages look, and a form that shows every state of a field on the components page."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DisplayForm(forms.Form):
    """The reader's choices; they are kept in cookies of this browser."""

    theme = forms.ChoiceField(
        label=_("Light or dark"),
        choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
        widget=forms.RadioSelect,
    )
    contrast = forms.ChoiceField(
        label=_("Contrast"),
        choices=[("auto", _("As the device")), ("more", _("High"))],
        widget=forms.RadioSelect,
    )
    size = forms.ChoiceField(
        label=_("Type size"),
        choices=[("normal", _("Normal")), ("large", _("Large")), ("larger", _("Very large"))],
        widget=forms.RadioSelect,
    )


class SpecimenForm(forms.Form):
    """One of each field."""

    number = forms.CharField(label=_("Customer number"), help_text=_("The ten digits at the top of your bill."))
    amount = forms.DecimalField(label=_("Amount"), decimal_places=2, min_value=1)
    way = forms.ChoiceField(label=_("Way"), choices=[("cash", _("Cash")), ("card", _("Card"))])
    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
