"""Acts on money, cheques, plans and money between units at the command line."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from gridhall.doors.cli import acts
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import check
from gridhall.payments.public import ChequeIn, plan_of, settlements, take_cheque
from tests.payments.act_town import MORNING, open_office, pay
from tests.payments.town import moment

pytestmark = pytest.mark.django_db
RUN = CliRunner()


def told(*words: str) -> str:
    answer = RUN.invoke(acts.app, list(words))
    assert answer.exit_code == 0, answer.output + str(answer.exception)
    return answer.stdout


def refused(*words: str) -> str:
    caught = RUN.invoke(acts.app, list(words)).exception
    assert isinstance(caught, Refusal), caught
    return caught.code


def test_an_act_is_asked_for_and_listed_but_not_agreed_by_the_same() -> None:
    open_office()
    with clock.at(moment(2026, 11, 30)):
        parts = json.dumps({"parts": [["2026-12-10", 10_100]]})
        assert "asked" in told("ask", "instalments", "A0000001", "10100", "--reason", "out of work", "--told", parts)
        (row,) = json.loads(told("list", "--json"))
        assert (row["act"], row["account"], row["amount"], row["asked_by"]) == (
            "instalments", "A0000001", 10_100, "gridhall",
        )  # fmt: skip
        assert refused("decide", str(row["id"]), "--approve") == "second_person_needed"
        assert refused("ask", "instalments", "A9999999", "1", "--reason", "none") == "unknown_account"
        assert refused("ask", "instalments", "A0000001", "1", "--reason", "none", "--told", "{") == "bad_json"
        assert "out of work" in told("list", "--all")


def test_plans_are_followed_and_cheques_listed() -> None:
    from gridhall.payments.public import INSTALMENTS, ask_money_act, decide_money_act

    office = open_office()
    with clock.at(moment(2026, 11, 30)):
        asked = ask_money_act(
            office.cashier, INSTALMENTS, 1, 10_100, "out of work", {"parts": [["2026-12-10", 10_100]]}
        )
        decide_money_act(office.manager, asked.id, approve=True)
        assert "101.00 of 101.00  kept, next 101.00 by 2026-12-10" in told("plans")
        cheque = ChequeIn("中国银行", "778899", "五金店", date(2026, 11, 29))
        take_cheque(office.li, 2, 500, "k", office.tills[0], cheque)
        assert "中国银行 778899  5.00  held" in told("cheques")
        assert json.loads(told("cheques", "--json"))[0]["amount"] == 500
    with clock.at(moment(2026, 12, 20)):
        assert "broken" in told("plans", "--follow")
        assert json.loads(told("plans", "--json")) == []
    plan = plan_of(1)
    assert plan is not None
    assert plan.state == "broken"
    assert check() == []


def test_what_units_took_for_one_another() -> None:
    office = open_office()
    with clock.at(MORNING):
        pay(office.li, office.tills[0], 3, 2_000)
        assert json.loads(told("units", "--json")) == [{"holder": 1, "owner": 2, "count": 1, "amount": 2_000}]
        assert "20.00" in told("units", "--on", "2026-11-05")
        assert refused("units", "--propose", "2026-11-05") == "unit_day_not_over"
    with clock.at(moment(2026, 11, 6)):
        assert "20.00; a second person books it" in told("units", "--propose", "2026-11-05")
    assert [each.state for each in settlements()] == ["proposed"]
