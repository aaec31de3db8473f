"""Batch debit: the board of cycles, one cycle with its steps and files, results and the rows that were not believed."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.customers import public as customers
from gridhall.debits import public as debits
from gridhall.doors.look import charts, formats
from gridhall.doors.office import debit_forms, debit_words, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel.access import Actor

CYCLES_SHOWN, ROWS_SHOWN, RESULTS_SHOWN = 24, 50, 20
BOARD = (1, 2, 3, 4, 7, 6, 5)  # in the order of a debit's way
CHART_SERIES = ((5, "good"), (6, "bad"), (4, "info"), (2, "quiet"))
CHART_OF = {1: 2, 2: 2, 3: 2, 4: 4, 7: 4, 5: 5, 6: 6}


@staff.desk("debits.see", "debits.run", "debits.approve")
def board(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Debits of the open cycles by state; the cycles; forms for a new one and for a bank's results."""
    units = staff.units_of(actor)
    names = words.unit_names()
    banks = debits.banks()
    form = debit_forms.CycleForm(
        request.POST if request.POST.get("form") == "cycle" else None,
        units=[(unit.id, names.get(unit.id, "")) for unit in units],
    )
    result_form = debit_forms.ResultForm(banks=[(bank.code, _bank_name(bank)) for bank in banks])
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        made = debits.plan_cycle(actor, given["unit"], given["debit_on"], form.retry_on(), given["notice_days"])
        messages.success(request, _("The cycle is planned: choose the debts next."))
        return redirect("office:debit_cycle", made.id)
    cycles = debits.cycles([unit.id for unit in units], CYCLES_SHOWN)
    sums = debits.sums([cycle.id for cycle in cycles])
    shown = {
        "columns": _board(cycles, sums, names, banks),
        "rows": [_row(cycle, sums, names) for cycle in cycles],
        "chart": _chart(cycles, sums, names),
        "form": form, "result_form": result_form,
        "results": [{"it": row, "bank": _bank_named(row.bank_id, banks)} for row in debits.results(RESULTS_SHOWN)],
        "parked": len(debits.parked(actor, limit=1000)),
    }  # fmt: skip
    return screen(request, actor, "office/debits.html", shown, status=422 if form.errors else 200)


def _bank_name(bank: debits.BankView) -> str:
    return bank.name_zh if staff.language() == "zh" else bank.name_en


def _bank_named(bank_id: int, banks: list[debits.BankView]) -> str:
    return next((_bank_name(bank) for bank in banks if bank.id == bank_id), "")


def _row(cycle: debits.CycleView, sums: list[debits.StateSum], names: dict[int, str]) -> dict[str, Any]:
    """A cycle with what is debited, failed and open of all its attempts."""
    mine = [each for each in sums if each.cycle_id == cycle.id]
    made = [each for each in mine if each.state == debits.DEBITED]
    open_ = [each for each in mine if each.state not in (debits.DEBITED, debits.FAILED, debits.WITHDRAWN)]
    last = [each for each in mine if each.state == debits.FAILED and each.attempt == cycle.attempt]
    return {
        "it": cycle, "unit": names.get(cycle.unit_id, ""), "state": debit_words.CYCLE_STATES[cycle.state],
        "debited": sum(each.amount for each in made), "debited_count": sum(each.count for each in made),
        "failed": sum(each.amount for each in last), "failed_count": sum(each.count for each in last),
        "open": sum(each.amount for each in open_), "open_count": sum(each.count for each in open_),
    }  # fmt: skip


def _board(
    cycles: list[debits.CycleView], sums: list[debits.StateSum], names: dict[int, str], banks: list[debits.BankView]
) -> list[dict[str, Any]]:
    """A column a state: its sum, and a card for each open cycle and bank."""
    live = {cycle.id: cycle for cycle in cycles if cycle.state != "closed"}
    columns = []
    for state in BOARD:
        mine = [
            each for each in sums
            if each.state == state and each.cycle_id in live and each.attempt == live[each.cycle_id].attempt
        ]  # fmt: skip
        cards = [
            {
                "cycle": live[each.cycle_id], "unit": names.get(live[each.cycle_id].unit_id, ""),
                "bank": _bank_named(each.bank_id, banks), "count": each.count, "amount": each.amount,
            }
            for each in mine
        ]  # fmt: skip
        columns.append({
            "name": debit_words.STATES[state], "tag": debit_words.STATE_TAGS[state], "cards": cards,
            "count": sum(each.count for each in mine), "amount": sum(each.amount for each in mine),
        })  # fmt: skip
    return columns


def _chart(
    cycles: list[debits.CycleView], sums: list[debits.StateSum], names: dict[int, str]
) -> charts.ColumnChart | None:  # fmt: skip
    """Amounts of the last cycles by what became of them."""
    if not sums:
        return None
    decimals = settings.CURRENCY_DECIMALS
    series = [charts.Series(str(debit_words.STATES[state]), colour) for state, colour in CHART_SERIES]
    drawn = []
    for cycle in sorted(cycles[:10], key=lambda each: each.id):
        by_kind = dict.fromkeys((state for state, _c in CHART_SERIES), 0)
        for each in sums:
            later = each.state == debits.FAILED and each.attempt < cycle.attempt
            if each.cycle_id == cycle.id and each.state in CHART_OF and not later:
                by_kind[CHART_OF[each.state]] += each.amount
        values = tuple(by_kind.values())
        drawn.append(
            charts.Column(
                label=f"{cycle.debit_on:%m-%d}",
                name=f"{names.get(cycle.unit_id, '')} {cycle.debit_on:%Y-%m-%d}",
                values=values,
                texts=tuple(formats.money(value, decimals) for value in values),
                text=formats.count_text(sum(values) // 10**decimals),
            )
        )
    sign = formats.sign(settings.CURRENCY)
    whole = 10**decimals
    return charts.columns(
        _("What became of the debits"), sign, series, drawn, lambda minor: formats.count_text(minor // whole), whole,
        sign_first=True,
    )  # fmt: skip


@staff.desk("debits.see", "debits.run", "debits.approve")
def cycle(request: HttpRequest, actor: Actor, cycle_id: int) -> HttpResponseBase:
    """One cycle: its next step, totals by state and bank, files, and the debits of one state."""
    found = debits.cycle_within(actor, cycle_id)
    sums = [each for each in debits.sums([cycle_id]) if each.attempt == found.attempt]
    counts = {state: sum(each.count for each in sums if each.state == state) for state in debit_words.STATES}
    asked = request.GET.get("state", "")
    first = next((state for state in (1, 7, 4, 6, 2, 3, 5, 8) if counts[state]), 2)
    state = int(asked) if asked in [str(each) for each in debit_words.STATES] else first
    pages = Paginator(range(counts[state]), ROWS_SHOWN)
    page = pages.get_page(request.GET.get("page"))
    rows = debits.debits_in(cycle_id, found.attempt, [state], (page.number - 1) * ROWS_SHOWN, ROWS_SHOWN)
    people = customers.accounts(row.account_id for row in rows)
    banks = debits.banks()
    shown = {
        "it": found, "unit": words.unit_names().get(found.unit_id, ""), "page": page,
        "state_words": debit_words.CYCLE_STATES[found.state], "steps": _steps(found),
        "next": debit_words.NEXT.get(found.state), "can_close": found.state == "reconciled",
        "by_bank": [
            {
                "bank": _bank_named(each.bank_id, banks), "state": debit_words.STATES[each.state],
                "tag": debit_words.STATE_TAGS[each.state], "count": each.count, "amount": each.amount,
            }
            for each in sums
        ],
        "tabs": [
            {"state": each, "name": name, "count": counts[each], "now": each == state}
            for each, name in debit_words.STATES.items() if counts[each]
        ],
        "rows": [_debit(row, people) for row in rows], "shown_state": state,
        "files": [
            {
                "it": each, "bank": _bank_named(each.bank_id, banks), "state": debit_words.FILE_STATES[each.state],
                "mine": each.made_by == actor.id,
            }
            for each in debits.files_of(cycle_id)
        ],
    }  # fmt: skip
    return screen(request, actor, "office/debit_cycle.html", shown)


def _steps(found: debits.CycleView) -> list[dict[str, Any]]:
    places = list(debit_words.CYCLE_STATES)
    at = places.index(found.state)
    return [
        {"name": name, "done": place < at, "now": place == at}
        for place, name in enumerate(debit_words.CYCLE_STATES.values())
    ]  # fmt: skip


def _debit(row: debits.DebitView, people: dict[int, customers.AccountView]) -> dict[str, Any]:
    who = people.get(row.account_id)
    return {
        "it": row, "number": who.number if who else "", "name": who.name if who else "",
        "outcome": debit_words.OUTCOMES.get(row.outcome, ""), "held": debit_words.HELD.get(row.held, ""),
        "state": debit_words.STATES[row.state], "tag": debit_words.STATE_TAGS[row.state],
    }  # fmt: skip


@require_POST
@staff.desk("debits.run")
def cycle_act(request: HttpRequest, actor: Actor, cycle_id: int, act: str) -> HttpResponseBase:
    """The next step of a cycle."""
    acts = {
        "issue": (debits.issue, _("The debts are chosen. What is far above the usual is held.")),
        "announce": (debits.announce, _("The customers are being told.")),
        "files": (debits.make_files, _("The files are made: a second person sends them.")),
        "reconcile": (debits.reconcile, _("Both sides agree.")),
        "again": (debits.try_again, _("The next attempt is announced.")),
        "close": (debits.close, _("The cycle is closed.")),
    }
    step, said = acts[act]
    step(actor, cycle_id)
    messages.success(request, said)
    return redirect("office:debit_cycle", cycle_id)


@require_POST
@staff.desk("debits.approve")
def file_send(request: HttpRequest, actor: Actor, file_id: int) -> HttpResponseBase:
    """A second person sends a file."""
    done = debits.send_file(actor, file_id)
    messages.success(request, _("The file is written: who makes files can fetch it here for the bank."))
    return redirect("office:debit_cycle", done.cycle_id)


@staff.desk("debits.run")
def file_fetch(request: HttpRequest, actor: Actor, file_id: int) -> HttpResponseBase:
    """A sent file, to be handed to the bank."""
    path = debits.file_path(actor, file_id)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


@require_POST
@staff.desk("debits.approve")
def debit_word(request: HttpRequest, actor: Actor, cycle_id: int, attempt: int, account_id: int) -> HttpResponseBase:
    """A person's word on a held debit, or on one whose result nobody has."""
    word = request.POST.get("word", "")
    if word in ("agree", "decline"):
        debits.answer_held(actor, account_id, cycle_id, attempt, agree=word == "agree")
    else:
        evidence = request.POST.get("evidence", "")
        debits.settle_unknown(actor, account_id, cycle_id, attempt, debited=word == "debited", evidence=evidence)
    messages.success(request, _("Noted."))
    return redirect("office:debit_cycle", cycle_id)


@require_POST
@staff.desk("debits.run")
def results(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Take a bank's result file."""
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose a file."))
        return redirect("office:debits")
    done = debits.take_results(actor, request.POST.get("bank", ""), file.name or "", file.read())
    said = _("%(debited)s debited, %(failed)s failed, %(parked)s rows parked.") % {
        "debited": done.debited, "failed": done.failed, "parked": done.parked,
    }  # fmt: skip
    messages.success(request, said)
    return redirect("office:parked_rows" if done.parked else "office:debits")


@staff.desk("debits.see", "debits.run", "debits.approve")
def parked(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Rows of result files that were not believed, with the reason, for a person to settle."""
    language = 1 if staff.language() == "zh" else 0
    names = {row.id: row.name for row in debits.results(200)}
    rows = [
        {"it": row, "why": debits.REFUSAL_WORDS[row.code][language], "file": names.get(row.result_id, "")}
        for row in debits.parked(actor, limit=500)
    ]
    shown = {"rows": rows}
    return screen(request, actor, "office/parked_rows.html", shown)


@require_POST
@staff.desk("debits.approve")
def parked_settle(request: HttpRequest, actor: Actor, parked_id: int) -> HttpResponseBase:
    """What was done about a parked row."""
    debits.settle_parked(actor, parked_id, request.POST.get("note", ""))
    messages.success(request, _("Noted."))
    return redirect("office:parked_rows")
