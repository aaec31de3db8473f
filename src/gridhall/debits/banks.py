"""The banks that debit for us."""

from gridhall.debits.data import BankView, NewBank
from gridhall.debits.models import DebitBank
from gridhall.debits.ports import form_of
from gridhall.debits.refusals import refusal
from gridhall.kernel import audit
from gridhall.kernel.access import Actor


def add_bank(actor: Actor, new: NewBank) -> BankView:
    """Enter a bank. Refuses: not_allowed, debit_bank_there, unknown_debit_form, bad_rows_most."""
    actor.require("debits.approve")
    most = form_of(new.form).rows_most()
    if not 1 <= new.rows_most <= most:
        raise refusal("bad_rows_most", field="rows_most", value=new.rows_most)
    made, is_new = DebitBank.objects.get_or_create(
        code=new.code,
        defaults={
            "name_en": new.name_en, "name_zh": new.name_zh, "form": new.form, "creditor_name": new.creditor_name,
            "creditor_account": new.creditor_account, "creditor_agent": new.creditor_agent,
            "creditor_id": new.creditor_id, "rows_most": new.rows_most,
        },
    )  # fmt: skip
    if not is_new:
        raise refusal("debit_bank_there", field="code", value=new.code)
    audit.record(actor, "debits.add_bank", f"debit_bank:{new.code}", after={"form": new.form})
    return _view(made)


def banks() -> list[BankView]:
    """All banks that debit for us, by code."""
    return [_view(each) for each in DebitBank.objects.order_by("code")]


def bank_of(code: str) -> DebitBank:
    """The bank of a code. Refuses `unknown_debit_bank`."""
    found = DebitBank.objects.filter(code=code).first()
    if found is None:
        raise refusal("unknown_debit_bank", field="bank", value=ascii(code[:20]))
    return found


def _view(row: DebitBank) -> BankView:
    return BankView(row.pk, row.code, row.name_en, row.name_zh, row.form)
