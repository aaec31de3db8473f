"""One plain sentence for each screen: what it is for and what to do there. Shown under its title."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PURPOSES: dict[str, Promise] = {
    "work_list": _("What needs you today. Open a card to deal with it."),
    "customers": _("Find an account by number, name, address, phone or meter."),
    "counter": _("Find the customer, take the money, give the receipt."),
    "till_open": _("Open your till with the cash that is in the drawer."),
    "till_close": _("Count the drawer first; what should be in it is shown afterwards."),
    "held_readings": _("Readings that the checks do not believe. Accept, correct, estimate or reject each."),
    "held_reading": _("Compare it with the past of this register, then decide."),
    "imports": _("Bring in customers, meters or readings from a file. It is tried first; nothing is written unasked."),
    "import_report": _("What the file would do. Refused rows come as a file to correct and bring in again."),
    "runs": _("Bills of a month: preview, approval by a second person, run."),
    "run": _("Look at totals and outliers before you approve; bills are written by the run."),
    "holds": _("Bills that were not issued because something looks wrong. Release each, or correct and check again."),
    "differences": _("Two runs, or one month on two tariffs, side by side."),
    "difference": _("Every bill that differs, the largest difference first."),
    "prints": _("All bills of an area as one file for the printer."),
    "tills": _("Every till session: what should be in the drawer and what was counted."),
    "session": _("What this till took, and whether the count agreed."),
    "day_money": _("All money of a day by unit, door and way."),
    "orders": _("Customers who went to the bank and have not come back. The bank is asked again by itself."),
    "ledger": _("Opening, movements and closing of each account of the books; debit equals credit."),
    "tariffs": _("Every tariff with the version in force today."),
    "tariff": _("Prices, clauses and source of a tariff, version by version."),
    "tariff_version": _("Prices, clauses and source of a tariff, version by version."),
    "territory": _("Districts, stations and areas, who answers for each, and where customers can pay."),
    "area": _("Who answers for this area, and who did before."),
    "people": _("Who may sign in here, with which role and for which units."),
    "person_new": _("Give somebody access. The first password is shown once."),
    "me": _("Your own access: password and second factor."),
}
