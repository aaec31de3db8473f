"""Bill runs: previewed by one person, approved by another, run slice by slice, gone on with after any interruption."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, Sum

from gridhall.billing import previewing, recording, working
from gridhall.billing.models import ABANDONED, APPROVED, DONE, PREVIEWED, RUNNING, BillRun, RunSlice
from gridhall.billing.views import RunView, UnitProgress
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.territory import public as territory


def preview(actor: Actor, period: int, unit_ids: Sequence[int] = ()) -> RunView:
    """Look at what a run over these units (all that the actor sees, if none) would do.

    Writes nothing but the run's row. Refuses not_allowed, bad_period, unknown_unit.
    """
    actor.require("runs.preview")
    if not (190001 <= period <= 999912 and 1 <= period % 100 <= 12):
        raise Refusal(
            "bad_period", f"{period} is not a period (YYYYMM).", f"{period} 不是有效的账期（YYYYMM）。", field="period"
        )
    units = _units(actor, unit_ids)
    moment = clock.now()
    seen = previewing.look(period, units, clock.today(), moment)
    with transaction.atomic():
        row = BillRun.objects.create(
            period=period, state=PREVIEWED, unit_ids=units, made_by=actor.name, made_at=moment,
            preview=previewing.as_json(seen),
        )  # fmt: skip
        audit.record(
            actor, "runs.preview", f"run:{row.pk}",
            after={"period": period, "units": units, "bills": seen.bills, "amount": seen.amount, "held": seen.held},
        )  # fmt: skip
    return run_view(row.pk)


def approve(actor: Actor, run_id: int) -> RunView:
    """Approve a previewed run; its bills are issued on this day.

    Refuses not_allowed, unknown_run, wrong_state, own_run (not by the one who previewed it, unless that is the system),
    nothing_to_bill, run_overlaps (another approved or running run has a unit of it in the same period).
    """
    actor.require("runs.approve")
    with transaction.atomic():
        _one_at_a_time()
        row = _locked(run_id)
        _see_all(actor, row.unit_ids)
        _in_state(row, PREVIEWED)
        if actor.kind != "system" and row.made_by == actor.name:
            raise Refusal(
                "own_run", "Another person than the one who previewed a run approves it.", "预览人不得自行审批出账。"
            )
        _refuse_nothing(row)
        others = BillRun.objects.filter(period=row.period, state__in=(APPROVED, RUNNING))
        for other in others:
            if set(other.unit_ids) & set(row.unit_ids):
                raise Refusal(
                    "run_overlaps",
                    f"Run {other.pk} is already to bill a unit of this run in {row.period}.",
                    f"出账任务 {other.pk} 已包含本任务的核算单元（{row.period}）。",
                )
        row.state, row.approved_by, row.approved_at = APPROVED, actor.name, clock.now()
        row.issued_on = clock.today()
        row.save(update_fields=["state", "approved_by", "approved_at", "issued_on"])
        audit.record(actor, "runs.approve", f"run:{run_id}", after={"issued_on": row.issued_on.isoformat()})
    return run_view(run_id)


def _refuse_nothing(row: BillRun) -> None:
    """A run that would neither bill nor hold anybody is a mistake: the month is not read, or billed already."""
    seen = previewing.from_json(row.preview)
    if seen is not None and seen.bills == 0 and seen.held == 0:
        en = "Everybody of these units is billed already." if seen.already_billed else "Nothing was read in this month."
        zh = "所选核算单元已全部出账。" if seen.already_billed else "该月没有可出账的抄表。"
        raise Refusal("nothing_to_bill", f"There is nothing to bill. {en}", f"没有可出账的内容。{zh}", field="period",
                      value=str(row.period))  # fmt: skip


def object_to_close(unit_id: int, period: int) -> None:
    """Refuse (`run_open`) the close of a month on whose days a run is still to issue bills of the unit."""
    for row in BillRun.objects.filter(state__in=(APPROVED, RUNNING), issued_on__isnull=False):
        if unit_id in row.unit_ids and row.issued_on and row.issued_on.year * 100 + row.issued_on.month <= period:
            raise Refusal(
                "run_open",
                f"Run {row.pk} has bills of that month still to issue: let it end, or abandon it, first.",
                f"出账任务 {row.pk} 尚有该月账单未出，请先完成或放弃该任务。",
                field="period", value=str(period),
            )  # fmt: skip


def units_not_run(period: int, unit_ids: Sequence[int]) -> list[int]:
    """Those of the units for whose period no run is done: their month waits to be billed."""
    done = BillRun.objects.filter(period=period, state=DONE).values_list("unit_ids", flat=True)
    run_units = {unit for units in done for unit in units}
    return [unit for unit in unit_ids if unit not in run_units]


def abandon(actor: Actor, run_id: int) -> RunView:
    """Put away a run that is not done: what it has billed stays, what is left is for another run (its month was closed
    meanwhile, or a slice cannot be posted). Refuses not_allowed, unknown_run, wrong_state."""
    actor.require("runs.preview")
    with transaction.atomic():
        row = _locked(run_id)
        _see_all(actor, row.unit_ids)
        _in_state(row, PREVIEWED, APPROVED, RUNNING)
        row.state = ABANDONED
        row.save(update_fields=["state"])
        audit.record(actor, "runs.abandon", f"run:{run_id}")
    return run_view(run_id)


def run(
    actor: Actor, run_id: int, processes: int | Executor = 2, progress: Callable[[RunView], None] | None = None
) -> RunView:  # fmt: skip
    """Bill an approved run slice by slice, or go on with one that was interrupted; a run that is done stays as it is.

    `processes` 0: in this process; an executor: by its workers. `progress` is called after each slice. Killed anywhere,
    the same call goes on where it stopped. Refuses not_allowed, unknown_run, wrong_state, worker_lost (a process was
    killed; run again).
    """
    actor.require("runs.run")
    row = _begin(actor, run_id)
    if row.state == DONE:
        return run_view(run_id)
    assert row.issued_on is not None, "approval sets the day on the bills"
    recording.prepare(row.period, row.issued_on)
    left = list(
        RunSlice.objects.filter(run_id=run_id, done_at=None).order_by("unit_id", "n").values_list("unit_id", "n")
    )
    for _ in working.bill_slices(run_id, left, clock.now(), processes):
        if progress is not None:
            progress(run_view(run_id))
    _finish(actor, run_id)
    return run_view(run_id)


def resume(
    actor: Actor, run_id: int, processes: int | Executor = 2, progress: Callable[[RunView], None] | None = None
) -> RunView:  # fmt: skip
    """Go on with a run that was interrupted: the same as `run`."""
    return run(actor, run_id, processes, progress)


def run_view(run_id: int) -> RunView:
    """A run with its progress by unit. Refuses unknown_run."""
    row = BillRun.objects.filter(pk=run_id).first()
    if row is None:
        raise _unknown(run_id)
    return _view(row, _progress([run_id]).get(run_id, ()))


def run_for(actor: Actor, run_id: int) -> RunView:
    """A run as one may see it: of several units only what lies in his. Refuses unknown_run (none of it does)."""
    view = run_view(run_id)
    seen = tuple(unit for unit in view.unit_ids if actor.sees_unit(unit))
    if len(seen) == len(view.unit_ids):
        return view
    if not seen:
        raise _unknown(run_id)
    return _narrowed(view, seen)


def _narrowed(view: RunView, units: tuple[int, ...]) -> RunView:
    return replace(
        view,
        unit_ids=units,
        units=tuple(each for each in view.units if each.unit_id in units),
        preview=previewing.of_units(view.preview, units.__contains__) if view.preview else None,
    )


def runs(actor: Actor, limit: int = 50, offset: int = 0) -> list[RunView]:
    """The newest runs first, of those that touch a unit which the actor sees; of each what lies in his units."""
    ids = _ids_seen(actor)[offset : offset + limit]
    progress = _progress(ids)
    found = [_view(row, progress.get(row.pk, ())) for row in BillRun.objects.filter(pk__in=ids).order_by("-id")]
    return [_narrowed(view, tuple(unit for unit in view.unit_ids if actor.sees_unit(unit))) for view in found]


def count_runs(actor: Actor) -> int:
    """How many runs touch a unit which the actor sees."""
    return len(_ids_seen(actor))


def _ids_seen(actor: Actor) -> list[int]:
    """A supplier has a few runs a month: their numbers and units are read whole."""
    rows = BillRun.objects.order_by("-id").values_list("id", "unit_ids")
    return [run_id for run_id, units in rows if any(map(actor.sees_unit, units))]


def _begin(actor: Actor, run_id: int) -> BillRun:
    """Lay out the slices when the run begins; a run that is running or done is given back as it is."""
    with transaction.atomic():
        row = _locked(run_id)
        _see_all(actor, row.unit_ids)
        _in_state(row, APPROVED, RUNNING, DONE)
        if row.state != APPROVED:
            return row
        assert row.issued_on is not None, "approval sets the day on the bills"
        laid: dict[int, int] = {}
        slices = []
        for stretch in previewing.stretches(run_id, row.period, row.unit_ids, row.issued_on):
            laid[stretch.unit_id] = laid.get(stretch.unit_id, 0) + 1
            slices.append(
                RunSlice(
                    run=row, unit_id=stretch.unit_id, n=laid[stretch.unit_id],
                    account_from=stretch.first, account_to=stretch.last,
                )
            )  # fmt: skip
        RunSlice.objects.bulk_create(slices)
        row.state = RUNNING
        row.save(update_fields=["state"])
        audit.record(actor, "runs.run", f"run:{run_id}", after={"slices": len(slices)})
    return row


def _finish(actor: Actor, run_id: int) -> None:
    with transaction.atomic():
        row = _locked(run_id)
        if row.state != RUNNING or RunSlice.objects.filter(run_id=run_id, done_at=None).exists():
            return
        row.state, row.finished_at = DONE, clock.now()
        row.save(update_fields=["state", "finished_at"])
        done = RunSlice.objects.filter(run_id=run_id).aggregate(bills=Sum("bills"), amount=Sum("amount"))
        audit.record(actor, "runs.done", f"run:{run_id}", after=done)


def _locked(run_id: int) -> BillRun:
    row = BillRun.objects.select_for_update().filter(pk=run_id).first()
    if row is None:
        raise _unknown(run_id)
    return row


def _unknown(run_id: int) -> Refusal:
    return Refusal("unknown_run", f"There is no bill run {run_id}.", f"没有出账任务 {run_id}。", value=str(run_id))


def _in_state(row: BillRun, *states: str) -> None:
    if row.state not in states:
        raise Refusal(
            "wrong_state", f"Run {row.pk} is {row.state}.", f"出账任务 {row.pk} 的状态为 {row.state}。", value=row.state
        )


def _units(actor: Actor, unit_ids: Sequence[int]) -> list[int]:
    known = [each.id for each in territory.units()]
    if not unit_ids:
        return [unit for unit in known if actor.sees_unit(unit)]
    for unit in unit_ids:
        if unit not in known:
            raise Refusal("unknown_unit", f"There is no unit {unit}.", f"没有核算单元 {unit}。", field="unit")
    _see_all(actor, unit_ids)
    return sorted(set(unit_ids))


def _see_all(actor: Actor, unit_ids: Sequence[int]) -> None:
    for unit in unit_ids:
        if not actor.sees_unit(unit):
            raise Refusal("not_allowed", f"Unit {unit} is not yours.", f"核算单元 {unit} 不在您的管辖范围。")


def _one_at_a_time() -> None:
    """Approvals wait for each other, so that two overlapping runs cannot both be approved."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('gridhall_bill_runs'))")


def _progress(run_ids: Sequence[int]) -> dict[int, tuple[UnitProgress, ...]]:
    found: dict[int, tuple[UnitProgress, ...]] = {}
    rows: Any = (
        RunSlice.objects.filter(run_id__in=run_ids)
        .values("run_id", "unit_id")
        .annotate(
            all=Count("id"), done=Count("id", filter=Q(done_at__isnull=False)), billed=Sum("bills"), held_=Sum("held"),
            wh_=Sum("wh"), amount_=Sum("amount"),
        )
        .order_by("run_id", "unit_id")
    )  # fmt: skip
    for row in rows:
        each = UnitProgress(
            row["unit_id"], row["all"], row["done"], row["billed"], row["held_"], int(row["wh_"]), int(row["amount_"])
        )
        found[row["run_id"]] = (*found.get(row["run_id"], ()), each)
    return found


def _view(row: BillRun, units: tuple[UnitProgress, ...]) -> RunView:
    return RunView(
        id=row.pk, period=row.period, state=row.state, unit_ids=tuple(row.unit_ids), made_by=row.made_by,
        made_at=row.made_at, approved_by=row.approved_by, approved_at=row.approved_at, finished_at=row.finished_at,
        issued_on=row.issued_on, preview=previewing.from_json(row.preview), units=units,
    )  # fmt: skip
