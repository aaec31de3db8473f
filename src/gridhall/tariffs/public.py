"""Tariffs for the other rooms: books entered and approved, versions in force, what a component is called."""

from gridhall.rules.plan import CompiledPlan, ComponentWords
from gridhall.tariffs.acts import approve, before_approval, check_book, enter_book, withdraw
from gridhall.tariffs.queries import (
    component_ids,
    components,
    plan,
    tariff_in_force,
    tariff_of_version,
    tariffs,
    versions,
    versions_in_force,
)
from gridhall.tariffs.views import PriceRow, TariffView, VersionInForce, VersionView

__all__ = [
    "CompiledPlan",
    "ComponentWords",
    "PriceRow",
    "TariffView",
    "VersionInForce",
    "VersionView",
    "approve",
    "before_approval",
    "check_book",
    "component_ids",
    "components",
    "enter_book",
    "plan",
    "tariff_in_force",
    "tariff_of_version",
    "tariffs",
    "versions",
    "versions_in_force",
    "withdraw",
]
