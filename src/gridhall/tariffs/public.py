"""Tariffs for the other rooms: books entered and approved, versions in force, what a component is called."""

from gridhall.rules.plan import CompiledPlan, ComponentWords
from gridhall.tariffs.acts import check_book, enter_book, examples_of, faults_of
from gridhall.tariffs.approving import approve, before_approval, had_a_hand, may, reject, send, take_back, withdraw
from gridhall.tariffs.book import BookError
from gridhall.tariffs.book_text import book_text
from gridhall.tariffs.comparing import ComponentDifference, PriceDifference, TextLine, compare, compare_texts
from gridhall.tariffs.examples import ExampleResult
from gridhall.tariffs.interval_terms import ONLY_INTERVALS, HourlyTerms, hourly_terms, interval_calendar, untimed
from gridhall.tariffs.looking_back import LooksBack, looks_back
from gridhall.tariffs.price_series import PriceSeries, minute_of
from gridhall.tariffs.queries import (
    component_ids,
    components,
    plan,
    standing,
    tariff_in_force,
    tariff_of_version,
    tariffs,
    version_ids,
    versions,
    versions_in_force,
    waiting,
)
from gridhall.tariffs.series_acts import PricesLoaded, load_prices, prices_between
from gridhall.tariffs.views import BookFault, PriceRow, TariffView, VersionInForce, VersionView, Waiting

__all__ = [
    "ONLY_INTERVALS",
    "BookError",
    "BookFault",
    "CompiledPlan",
    "ComponentDifference",
    "ComponentWords",
    "ExampleResult",
    "HourlyTerms",
    "LooksBack",
    "PriceDifference",
    "PriceRow",
    "PriceSeries",
    "PricesLoaded",
    "TariffView",
    "TextLine",
    "VersionInForce",
    "VersionView",
    "Waiting",
    "approve",
    "before_approval",
    "book_text",
    "check_book",
    "compare",
    "compare_texts",
    "component_ids",
    "components",
    "enter_book",
    "examples_of",
    "faults_of",
    "had_a_hand",
    "hourly_terms",
    "interval_calendar",
    "load_prices",
    "looks_back",
    "may",
    "minute_of",
    "plan",
    "prices_between",
    "reject",
    "send",
    "standing",
    "take_back",
    "tariff_in_force",
    "tariff_of_version",
    "tariffs",
    "untimed",
    "version_ids",
    "versions",
    "versions_in_force",
    "waiting",
    "withdraw",
]
