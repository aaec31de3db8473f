"""The program that is killed: bill the last period of the seeded town, or go on where an earlier one stopped.

Run as `python -m tests.faults.bill_everything`; the environment names home and database. It tells the processes of the
run and each slice on standard output, a line each.
"""

import os
import sys
from datetime import datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridhall.project.settings")


def main() -> None:
    from gridhall.kernel import database

    database.ensure_running()
    import django

    django.setup()
    from gridhall.billing import previewing
    from gridhall.billing import public as billing
    from gridhall.kernel import clock
    from gridhall.kernel.access import system

    previewing.SLICE_ACCOUNTS = 150
    actor = system("storm")
    with clock.at(datetime.fromisoformat("2026-11-03T09:00:00+08:00")):
        open_runs = [each for each in billing.runs(actor) if each.state != "done"]
        run = open_runs[0] if open_runs else billing.preview(actor, 202610)
        if run.state == "previewed":
            run = billing.approve(actor, run.id)
        tell("begun")
        done = billing.run(actor, run.id, 2, lambda view: tell(f"slice {view.slices_done}"))
    tell(f"done {done.bills} {done.held}")


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
    sys.exit(0)
