"""The people, firms and premises of the town, drawn under a seed by columns: a million rows take seconds.

Everything here is pure: the same seed and size give the same town, to the last character.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gridhall.customers.public import COMMERCIAL, INDUSTRIAL, RESIDENTIAL
from gridhall.kernel import ids
from gridhall.project.demo import names, places

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Kinds of meter: what its registers count.
SINGLE, TWO_RATE, FOUR_RATE, FULL = 0, 1, 2, 3

# Tariffs: each district has that of another province, so that the demo shows them side by side.
SHANDONG, SHANDONG_TOU = "cn-shandong-residential", "cn-shandong-residential-peak-valley"
ZHEJIANG, ZHEJIANG_TOU = "cn-zhejiang-residential", "cn-zhejiang-residential-peak-valley"
SHENZHEN = "cn-shenzhen-residential"
HUBEI_SINGLE = "cn-hubei-single-below-1kv"
HUBEI_CAPACITY, HUBEI_DEMAND = "cn-hubei-10kv-capacity", "cn-hubei-10kv-demand"

FIRST_NUMBER = 330_200_001

DECIMALS = 2  # of every register: a unit is 0.01 kWh (times the multiplier)

# What a stream of random numbers is for; each has its own, so that a change in one leaves the others as they were.
STREAM_PEOPLE, STREAM_PLACES, STREAM_METERS, STREAM_LOAD, STREAM_MONTH, STREAM_FAULTS, STREAM_PAYERS, STREAM_MOVES = (
    range(8)
)


@dataclass(frozen=True)
class Town:
    """`accounts`: one row per account that stood at the beginning, sorted by area; the other columns by its rows.

    Energies are in the meter's own units (0.01 kWh before the multiplier).
    """

    seed: int
    size: int
    accounts: pl.DataFrame
    meter_kind: Ints
    multiplier: Ints
    digits: Ints
    start: Ints  # value of the total register on the first day

    def random(self, stream: int, month: int = 0) -> np.random.Generator:
        """The random numbers of one purpose (and month)."""
        return np.random.default_rng([self.seed, stream, month])

    @cached_property
    def class_code(self) -> Ints:
        return self.accounts["class_code"].to_numpy()

    def fingerprint(self) -> str:
        """SHA-256 over everything that was drawn."""
        digest = hashlib.sha256(self.accounts.write_csv().encode())
        for column in (self.meter_kind, self.multiplier, self.digits, self.start):
            digest.update(column.tobytes())
        return digest.hexdigest()


def draw(seed: int, size: int) -> Town:
    """The town of `size` accounts (20 to 1,000,000)."""
    if not 20 <= size <= 1_000_000:
        raise ValueError(f"a town has 20 to 1,000,000 premises, not {size}")
    areas = np.array(sorted(places.area_centres()), dtype=np.int64)
    area = np.sort(areas[np.arange(size) % len(areas)])
    local = _place_in_run(area)
    class_code = _classes(np.random.default_rng([seed, STREAM_PEOPLE, 0]), size)
    accounts = pl.concat(
        [
            pl.DataFrame({"number": _numbers(size), "area_id": area, "class_code": class_code}),
            _people(np.random.default_rng([seed, STREAM_PEOPLE, 1]), class_code),
            _addresses(np.random.default_rng([seed, STREAM_PLACES]), area, local, class_code),
            _supply(np.random.default_rng([seed, STREAM_METERS, 1]), area, class_code),
        ],
        how="horizontal",
    )
    random = np.random.default_rng([seed, STREAM_METERS, 2])
    kind = _meter_kinds(random, accounts)
    digits = np.where((class_code == RESIDENTIAL) & (kind == SINGLE) & (random.random(size) < 0.05), 5, 6)
    # old five-digit meters stand near their end, so that they roll over within these two years
    start = np.where(digits == 5, 10**7 - random.integers(20_000, 300_000, size), random.integers(0, 4_000_000, size))
    multiplier = np.where(class_code == INDUSTRIAL, accounts["capacity_va"].to_numpy() // 630_000 * 400 + 600, 1)
    return Town(seed, size, accounts, kind, multiplier, digits.astype(np.int64), start.astype(np.int64))


def _numbers(size: int) -> list[str]:
    """Account numbers away from those that Gridhall gives out by itself; the last digit is the check digit."""
    plain = [str(FIRST_NUMBER + row) for row in range(size)]
    return [digits + ids.check_digit(digits) for digits in plain]


def _place_in_run(sorted_values: Ints) -> Ints:
    """0, 1, 2… within each run of equal values."""
    first = np.r_[True, sorted_values[1:] != sorted_values[:-1]]
    starts = np.flatnonzero(first)
    return np.arange(len(sorted_values)) - np.repeat(starts, np.diff(np.r_[starts, len(sorted_values)]))


def _classes(random: np.random.Generator, size: int) -> Ints:
    """Nine in ten residential, a few in a hundred industrial; every town of twenty has some of each."""
    place = random.permutation(size) % 100
    return np.where(place % 50 == 7, INDUSTRIAL, np.where(place % 10 == 3, COMMERCIAL, RESIDENTIAL)).astype(np.int64)


def _people(random: np.random.Generator, class_code: Ints) -> pl.DataFrame:
    size = len(class_code)
    weights = np.array([weight for _, weight in names.FAMILIES], dtype=float)
    family = random.choice(len(weights), size, p=weights / weights.sum())
    given, second = (random.integers(0, len(names.GIVEN), size) for _ in range(2))
    short = random.random(size) < 0.15
    shop, word, works = (random.integers(0, len(pool), size) for pool in (names.SHOPS, names.SHOP_WORDS, names.WORKS))
    latin = (random.random(size) < 0.02) & (class_code == RESIDENTIAL)
    foreign = random.integers(0, len(names.LATIN_NAMES), size)
    phone = random.permutation(10**8)[:size] if size > 10**6 else random.choice(10**8, size, replace=False)
    columns = pl.DataFrame(
        {
            "family": _pick([each for each, _ in names.FAMILIES], family),
            "given": _pick(list(names.GIVEN), given),
            "second": _pick(list(names.GIVEN), second).zip_with(pl.Series(~short), pl.repeat("", size, eager=True)),
            "shop": _pick(list(names.SHOPS), shop),
            "word": _pick(list(names.SHOP_WORDS), word),
            "works": _pick(list(names.WORKS), works),
            "foreign": _pick(list(names.LATIN_NAMES), foreign),
            "latin": latin,
            "class_code": class_code,
            # 129 is not given to any network: nobody real is ever called
            "phone": pl.Series(phone),
        }
    )
    person = pl.when("latin").then("foreign").otherwise(pl.concat_str("family", "given", "second"))
    return columns.select(
        pl.when(pl.col("class_code") == RESIDENTIAL)
        .then(person)
        .when(pl.col("class_code") == COMMERCIAL)
        .then(pl.concat_str("word", "shop"))
        .otherwise(pl.concat_str(pl.lit("灯湖"), "word", "works"))
        .alias("name"),
        pl.when(pl.col("class_code") == RESIDENTIAL)
        .then(pl.lit("person"))
        .otherwise(pl.lit("organisation"))
        .alias("kind"),
        pl.concat_str(pl.lit("129"), pl.col("phone").cast(pl.String).str.zfill(8)).alias("phone"),
        pl.when("latin").then(pl.lit("en")).otherwise(pl.lit("zh")).alias("language"),
    )


def _pick(pool: list[str], places_in_pool: Ints) -> pl.Series:
    return pl.Series(pool).gather(pl.Series(places_in_pool))


def _addresses(random: np.random.Generator, area: Ints, local: Ints, class_code: Ints) -> pl.DataFrame:
    """Homes stand in compounds of 20 buildings of 36 flats, shops and works along streets; each address comes once."""
    areas = sorted(places.area_centres())
    number = {each: k for k, each in enumerate(areas)}
    of_town = np.array([number[each] for each in area])
    compound = local // 720
    frame = pl.DataFrame(
        {
            "street": _pick(list(names.STREETS), (of_town * 3 + local // 97) % len(names.STREETS)),
            "compound": _pick(list(names.COMPOUNDS), (of_town + compound) % len(names.COMPOUNDS)),
            "series": compound // len(names.COMPOUNDS) + 1,
            "area_n": of_town + 1,
            "building": local % 720 // 36 + 1,
            "entry": local % 36 // 12 + 1,
            "flat": (local % 12 // 2 + 1) * 100 + local % 2 + 1,
            "number": local + 1,
            "home": class_code == RESIDENTIAL,
        }
    )
    spread = places.AREA_SPREAD // 3
    centres = places.area_centres()
    longitude = np.array([centres[each][0] for each in area]) + (random.standard_normal(len(area)) * spread).astype(
        np.int64
    )
    latitude = np.array([centres[each][1] for each in area]) + (random.standard_normal(len(area)) * spread).astype(
        np.int64
    )
    series = pl.when(pl.col("series") > 1).then(pl.concat_str("series", pl.lit("期"))).otherwise(pl.lit(""))
    home = pl.concat_str(
        "compound", series, pl.lit("（第"), "area_n", pl.lit("片）"), "building", pl.lit("幢"), "entry",
        pl.lit("单元"), "flat", pl.lit("室"),
    )  # fmt: skip
    shop = pl.concat_str("street", "area_n", pl.lit("段"), "number", pl.lit("号"))
    return frame.select(
        pl.when("home").then(home).otherwise(shop).alias("address"),
        pl.Series("longitude_millionths", longitude),
        pl.Series("latitude_millionths", latitude),
    )


def _supply(random: np.random.Generator, area: Ints, class_code: Ints) -> pl.DataFrame:
    """Tariff, voltage, capacity, household size, allowance of each account."""
    size = len(area)
    district = area // 10_000
    home = class_code == RESIDENTIAL
    industrial = class_code == INDUSTRIAL
    smart = random.random(size) < 0.25
    codes = [SHANDONG, SHANDONG_TOU, ZHEJIANG, ZHEJIANG_TOU, SHENZHEN, SHENZHEN]
    by_demand = random.random(size) < 0.4
    tariff = np.where(industrial, 7 + by_demand, np.where(~home, 6, (district - 1) * 2 + smart))
    persons = random.choice([1, 2, 3, 4, 5, 6, 7], size, p=[0.16, 0.27, 0.29, 0.18, 0.06, 0.03, 0.01])
    poor = home & (random.random(size) < 0.015)
    # transformers come in sizes; a shop has none of its own
    transformer = random.choice([315, 400, 630, 800, 1250, 2000], size) * 1000
    return pl.DataFrame(
        {
            "tariff_code": _pick([*codes, HUBEI_SINGLE, HUBEI_CAPACITY, HUBEI_DEMAND], tariff),
            "voltage": _pick(["<1kV", "10kV"], industrial.astype(np.int64)),
            "capacity_va": np.where(industrial, transformer, 0),
            "contract_w": np.where(industrial & by_demand, transformer * 6 // 10, 0),
            "power_factor_standard": np.where(industrial, 90, 0),
            "persons": np.where(home, persons, 0),
            "allowance_wh": np.where(poor, 15_000, 0),
        }
    )


def _meter_kinds(random: np.random.Generator, accounts: pl.DataFrame) -> Ints:
    class_code = accounts["class_code"].to_numpy()
    by_time = accounts["tariff_code"].str.ends_with("peak-valley").to_numpy()
    # some homes have a two-rate meter before they ask for the tariff
    ahead = random.random(len(class_code)) < 0.06
    home = np.where(by_time | ahead, TWO_RATE, SINGLE)
    return np.where(class_code == INDUSTRIAL, FULL, np.where(class_code == COMMERCIAL, FOUR_RATE, home)).astype(
        np.int64
    )
