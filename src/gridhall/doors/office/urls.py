"""Addresses of the office."""

from django.urls import path, register_converter

from gridhall.doors.office.views import (
    audit,
    banking,
    cheques,
    counter,
    customers,
    debits,
    entry,
    flags,
    imports,
    jobs,
    late,
    ledger,
    mandates,
    missing,
    money_acts,
    notices,
    partners,
    people,
    readings,
    reconciliation,
    refunds,
    registers,
    runs,
    statements,
    suspense,
    tariffs,
    tills,
    units,
    work,
)


class WordConverter:
    """A short word from a list: `<word:act>` is narrowed by the view's own table."""

    regex = "[a-z]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PartConverter(WordConverter):
    regex = "|".join(customers.PARTS)


class RunActConverter(WordConverter):
    regex = "approve|abandon|start"


class PersonActConverter(WordConverter):
    regex = "factor|unlock|end|admit"


class TariffActConverter(WordConverter):
    regex = "send|back|reject|withdraw"


class DebitActConverter(WordConverter):
    regex = "issue|announce|files|reconcile|again|close"


class FormConverter(WordConverter):
    regex = "paper|roll"


class LanguageConverter(WordConverter):
    regex = "zh|en"


class CodeConverter(WordConverter):
    regex = r"[A-Za-z0-9._~-]+"


register_converter(PartConverter, "part")
register_converter(RunActConverter, "run_act")
register_converter(PersonActConverter, "person_act")
register_converter(TariffActConverter, "tariff_act")
register_converter(DebitActConverter, "debit_act")
register_converter(FormConverter, "form")
register_converter(LanguageConverter, "lang")
register_converter(CodeConverter, "code")

app_name = "office"
urlpatterns = [
    path("", work.work_list, name="work_list"),
    path("sign-in", entry.sign_in, name="sign_in"),
    path("sign-out", entry.sign_out, name="sign_out"),
    path("second-factor", entry.second_factor, name="second_factor"),
    path("me", entry.me, name="me"),
    path("me/second-factor", entry.enrol, name="enrol"),
    path("me/second-factor/off", entry.factor_off, name="factor_off"),
    path("customers", customers.find, name="customers"),
    path("customers/<int:account_id>", customers.customer, name="customer"),
    path("customers/<int:account_id>/late", late.late, name="customer_late"),
    path("customers/<int:account_id>/late/<int:exemption_id>/end", late.late_end, name="customer_late_end"),
    path("customers/<int:account_id>/<part:part>", customers.customer, name="customer"),
    path("customers/<int:account_id>/bill/<int:period>/<int:seq>", customers.bill, name="customer_bill"),
    path(
        "customers/<int:account_id>/bill/<int:period>/<int:seq>/<lang:language>.pdf",
        customers.bill_pdf,
        name="customer_bill_pdf",
    ),
    path(
        "customers/<int:account_id>/bill/<int:period>/<int:seq>/check", customers.bill_check, name="customer_bill_check"
    ),
    path(
        "customers/<int:account_id>/bill/<int:period>/<int:seq>/cancel",
        customers.bill_cancel,
        name="customer_bill_cancel",
    ),
    path(
        "customers/<int:account_id>/bill/<int:period>/<int:seq>/dispute",
        customers.bill_dispute,
        name="customer_bill_dispute",
    ),
    path(
        "customers/<int:account_id>/bill/<int:period>/<int:seq>/again", customers.bill_again, name="customer_bill_again"
    ),
    path("counter", counter.counter, name="counter"),
    path("counter/<int:account_id>", counter.account, name="counter_account"),
    path("counter/<int:account_id>/payment/<int:payment_no>", counter.taken, name="counter_taken"),
    path("counter/<int:account_id>/payment/<int:payment_no>/reverse", counter.reverse, name="counter_reverse"),
    path(
        "counter/<int:account_id>/payment/<int:payment_no>/<form:form>-<lang:language>.pdf",
        counter.receipt_pdf,
        name="counter_receipt",
    ),
    path("till/open", tills.till_open, name="till_open"),
    path("till/close", tills.till_close, name="till_close"),
    path("tills", tills.tills, name="tills"),
    path("tills/new", tills.till_new, name="till_new"),
    path("tills/<int:session_id>", tills.session, name="session"),
    path("tills/bank", banking.banking, name="banking"),
    path("tills/bank/<int:banking_id>", banking.banking_decide, name="banking_decide"),
    path("money", tills.day_money, name="day_money"),
    path("orders", work.orders, name="orders"),
    path("refunds", refunds.refunds, name="refunds"),
    path("refunds/<code:refund_no>", refunds.refund_decide, name="refund_decide"),
    path("counter/<int:account_id>/payment/<int:payment_no>/refund", refunds.refund_ask, name="refund_ask"),
    path("notices", notices.notices, name="notices"),
    path("notices/<int:notice_id>/again", notices.again, name="notice_again"),
    path("notices/texts/<int:text_id>", notices.text, name="notice_text"),
    path("notices/texts/<int:text_id>/decide", notices.text_decide, name="notice_text_decide"),
    path("notices/texts/<int:text_id>/try", notices.text_try, name="notice_text_try"),
    path("statements", statements.statements, name="statements"),
    path("statements/<int:statement_id>", statements.statement, name="statement"),
    path("suspense", suspense.suspense, name="suspense"),
    path("suspense/<int:item_id>", suspense.suspense_item, name="suspense_item"),
    path("suspense/<int:item_id>/ask", suspense.suspense_ask, name="suspense_ask"),
    path("suspense/<int:item_id>/settle", suspense.suspense_settle, name="suspense_settle"),
    path("suspense/acts/<int:act_id>", suspense.suspense_decide, name="suspense_decide"),
    path("waiting", partners.waiting_days, name="waiting_days"),
    path("partners/<code:code>", partners.partner_money, name="partner_money"),
    path("reconciliation", reconciliation.reconciliations, name="reconciliations"),
    path("reconciliation/<int:reconciliation_id>", reconciliation.reconciliation, name="reconciliation"),
    path(
        "reconciliation/<int:reconciliation_id>/release",
        reconciliation.reconciliation_release,
        name="reconciliation_release",
    ),
    path(
        "reconciliation/<int:reconciliation_id>/settle",
        reconciliation.reconciliation_settle,
        name="reconciliation_settle",
    ),
    path(
        "reconciliation/<int:reconciliation_id>/<int:difference_id>",
        reconciliation.difference_choose,
        name="difference_choose",
    ),
    path("units", units.units, name="units"),
    path("units/propose", units.units_propose, name="units_propose"),
    path("units/<int:settlement_id>", units.units_decide, name="units_decide"),
    path("cheques", cheques.cheques, name="cheques"),
    path("cheques/act", cheques.cheques_act, name="cheques_act"),
    path("acts", money_acts.acts, name="acts"),
    path("acts/<int:act_id>", money_acts.act_decide, name="act_decide"),
    path("limits", money_acts.limits, name="limits"),
    path("customers/<int:account_id>/money", money_acts.customer_money, name="customer_money"),
    path("customers/<int:account_id>/money/<slug:act>", money_acts.act_ask, name="act_ask"),
    path("customers/<int:account_id>/plan/<int:plan_id>", money_acts.plan_end, name="plan_end"),
    path("counter/<int:account_id>/payment/<int:payment_no>/correct", money_acts.act_correct, name="act_correct"),
    path("debits", debits.board, name="debits"),
    path("debits/results", debits.results, name="debit_results"),
    path("debits/parked", debits.parked, name="parked_rows"),
    path("debits/parked/<int:parked_id>", debits.parked_settle, name="parked_settle"),
    path("debits/<int:cycle_id>", debits.cycle, name="debit_cycle"),
    path("debits/<int:cycle_id>/<debit_act:act>", debits.cycle_act, name="debit_act"),
    path("debits/<int:cycle_id>/<int:attempt>/<int:account_id>", debits.debit_word, name="debit_word"),
    path("debits/files/<int:file_id>", debits.file_fetch, name="debit_file"),
    path("debits/files/<int:file_id>/send", debits.file_send, name="debit_send"),
    path("mandates", mandates.mandates, name="mandates"),
    path("mandates/<int:mandate_id>", mandates.mandate_move, name="mandate_move"),
    path("customers/<int:account_id>/mandate", mandates.customer_mandate, name="customer_mandate"),
    path("flags", flags.flags, name="flags"),
    path("flags/seen", flags.flags_seen, name="flags_seen"),
    path("deliveries", flags.deliveries, name="deliveries"),
    path("deliveries/<int:delivery_id>", flags.delivery_settle, name="delivery_settle"),
    path("readings", readings.held, name="held_readings"),
    path("readings/settle", readings.settle, name="held_settle"),
    path("readings/<int:account_id>/<int:held_id>", readings.held_reading, name="held_reading"),
    path("imports", imports.upload, name="imports"),
    path("imports/<int:job_id>", imports.report, name="import_report"),
    path("imports/<int:job_id>/confirm", imports.confirm, name="import_confirm"),
    path("readings/missing/<int:account_id>/<int:period>", missing.missing_reading, name="missing_reading"),
    path("runs", runs.runs, name="runs"),
    path("runs/<int:run_id>", runs.run, name="run"),
    path("runs/<int:run_id>/progress", runs.run_progress, name="run_progress"),
    path("runs/<int:run_id>/<run_act:act>", runs.run_act, name="run_act"),
    path("holds", runs.holds, name="holds"),
    path("holds/release", runs.holds_release, name="holds_release"),
    path("differences", runs.differences, name="differences"),
    path("differences/<int:job_id>", runs.difference, name="difference"),
    path("prints", runs.prints, name="prints"),
    path("jobs/<int:job_id>", jobs.job, name="job"),
    path("jobs/<int:job_id>/progress", jobs.job_progress, name="job_progress"),
    path("jobs/<int:job_id>/file", jobs.job_file, name="job_file"),
    path("ledger", ledger.trial, name="ledger"),
    path("ledger/close", ledger.period_close, name="period_close"),
    path("tariffs", tariffs.tariff_list, name="tariffs"),
    path("tariffs/new", tariffs.tariff_new, name="tariff_new"),
    path("tariffs/what-if/<int:job_id>", tariffs.what_if_report, name="tariff_what_if_report"),
    path("tariffs/what-if/<int:job_id>/areas.csv", tariffs.what_if_areas, name="tariff_what_if_areas"),
    path("tariffs/<code:code>", tariffs.tariff, name="tariff"),
    path("tariffs/<code:code>/<int:version_id>", tariffs.tariff, name="tariff_version"),
    path("tariffs/<code:code>/<int:version_id>/edit", tariffs.tariff_edit, name="tariff_edit"),
    path("tariffs/<code:code>/<int:version_id>/try", tariffs.tariff_try, name="tariff_try"),
    path("tariffs/<code:code>/<int:version_id>/what-if", tariffs.what_if_ask, name="tariff_what_if"),
    path("tariffs/<code:code>/<int:version_id>/compare", tariffs.tariff_compare, name="tariff_compare"),
    path("tariffs/<code:code>/<int:version_id>/approve", tariffs.tariff_approve, name="tariff_approve"),
    path("tariffs/<code:code>/<int:version_id>/<tariff_act:act>", tariffs.tariff_act, name="tariff_act"),
    path("territory", registers.territory_tree, name="territory"),
    path("territory/<int:area_id>", registers.area, name="area"),
    path("audit", audit.audit, name="audit"),
    path("people", people.people, name="people"),
    path("people/new", people.person_new, name="person_new"),
    path("people/<int:user_id>/<person_act:act>", people.person_act, name="person_act"),
]
