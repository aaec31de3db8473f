"""Two versions of one tariff approved at the same moment: the later one ends the earlier one, whoever is first."""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from datetime import date

import pytest
from django.db import connection

from gridhall.kernel.access import Actor, system
from gridhall.tariffs import approving, models
from gridhall.tariffs import public as tariffs
from gridhall.tariffs.book import shipped_books

CODE = "cn-zhejiang-residential"
TEXT = shipped_books()[CODE].split("    examples:")[0]
BEN = Actor("staff", "ben", "office", permissions=frozenset({"tariffs.approve"}))
LATER = date(2024, 7, 1)


def _approve(version: int) -> None:
    try:
        tariffs.approve(BEN, version)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_the_second_of_two_approvals_at_once_sees_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one approval has decided and is not kept yet, the other waits for it."""
    (earlier,) = tariffs.enter_book(system("test"), TEXT)
    (later,) = tariffs.enter_book(system("test"), TEXT.replace("from: 2024-01-01", f"from: {LATER}"))
    for version in (earlier, later):
        tariffs.send(system("test"), version)
    other: list[Future[None]] = []

    with ThreadPoolExecutor(1) as pool:

        def meanwhile(tariff: str, from_on: date, until_on: date | None) -> None:
            if not other:
                other.append(pool.submit(_approve, later))
                with pytest.raises(NotYet):
                    other[0].result(1)

        monkeypatch.setattr(approving, "_objections", [meanwhile])
        tariffs.approve(BEN, earlier)
        other[0].result(30)
    days = models.TariffVersion.objects.filter(tariff_id=CODE).order_by("from_on").values_list("state", "until_on")
    assert list(days) == [(models.APPROVED, LATER), (models.APPROVED, None)]
