"""A large plain town made by SQL alone, for benchmarks and fault storms: seeding it is not what is measured.

Account k has id k; unit 1 has the first `small` accounts, the others share the rest. One account in eight has a meter
with total, peak and valley; every second is on a tariff of blocks, fixed charge and tax, the rest on shipped books.
"""

from pathlib import Path

BEFORE, PERIOD = 202609, 202610  # the two periods that are read
BOOKS = ("cn-shandong-residential", "cn-zhejiang-residential", "cn-shenzhen-residential")
BY_PERIOD = "cn-shandong-residential-peak-valley"

BLOCKS_FIXED_TAX = """
tariff: seed-blocks-fixed-tax
name: {zh: 阶梯加固定加税, en: "Blocks, fixed charge and tax"}
currency: CNY
source: made up for measuring
for: {class: residential, meter: own, voltage: below 1 kV}
versions:
  - from: 2020-01-01
    rounding: once per bill, half up, to 0.01
    energy:
      - price per kWh: [0.5469, 0.5969, 0.8469]
        blocks: {count: the month's kWh, limits: [210, 400]}
    fixed:
      - {price per month: 4.20, divided: by days of the period}
    taxes:
      - {per cent: 13, on: [energy, fixed]}
"""

# Everything but the readings of the two periods; account k has id k, unit 1 has the first SMALL accounts.
TOWN = """
INSERT INTO territory_district (id, code, name_en, name_zh) VALUES (1, 'D1', 'District', '区');
INSERT INTO territory_accountingunit (id, code, name_en, name_zh)
    SELECT u, 'U' || u, 'Unit ' || u, '单元' || u FROM generate_series(1, {units}) u;
INSERT INTO territory_station (id, district_id, unit_id, code, name_en, name_zh, phone, address_en, address_zh)
    SELECT u, 1, u, 'S' || u, 'Station', '所', '', '', '' FROM generate_series(1, {units}) u;
INSERT INTO territory_area (id, station_id, code, name_en, name_zh)
    SELECT u, u, 'A' || u, 'Area', '区' FROM generate_series(1, {units}) u;
CREATE TEMP TABLE seed AS
    SELECT k, CASE WHEN k <= {small} THEN 1
            ELSE 2 + (k - {small} - 1) * ({units} - 1) / ({accounts} - {small}) END AS unit,
        k % 8 = 0 AS by_period, 60000 + (k * 7919) % 400000 AS wh
    FROM generate_series(1::bigint, {accounts}) k;
INSERT INTO customers_customer (id, kind, name, name_key, phone, email, language)
    SELECT k, 'person', 'C' || k, 'c', '', '', 'zh' FROM seed;
INSERT INTO customers_premise (id, area_id, address, address_key) SELECT k, unit, 'P' || k, 'p' FROM seed;
INSERT INTO customers_account (id, number, customer_id, unit_id, area_id, class_code, opened_on)
    SELECT k, lpad(k::text, 10, '0'), k, unit, unit, 1, '2025-01-01' FROM seed;
INSERT INTO customers_agreement (id, account_id, premise_id, since) SELECT k, k, k, '2025-01-01' FROM seed;
INSERT INTO customers_supplyterm (
        agreement_id, account_id, since, tariff_code, voltage, capacity_va, contract_w, power_factor_standard, persons,
        allowance_wh
    )
    SELECT k, k, '2025-01-01', CASE WHEN by_period THEN '{by_period}' WHEN k % 2 = 1 THEN 'seed-blocks-fixed-tax'
            ELSE (ARRAY[{books}])[1 + (k % 3)::integer] END,
        '<1kV', 0, 0, 0, 0, 0 FROM seed;
INSERT INTO metering_meter (id, serial, model, phases) SELECT k, 'M' || k, '', 1 FROM seed;
INSERT INTO metering_register (id, meter_id, tou, digits, decimals, multiplier)
    SELECT 8 * k + t, k, t, 6, 2, 1 FROM seed, unnest(CASE WHEN by_period THEN ARRAY[0, 2, 4] ELSE ARRAY[0] END) t;
INSERT INTO register_place (
        account_id, register_id, since, until, agreement_id, unit_id, meter_id, tou, digits, decimals, multiplier
    )
    SELECT k, register.id, '2026-09-01', '9999-12-31', k, unit, k, register.tou, 6, 2, 1
    FROM seed JOIN metering_register register ON register.meter_id = k ORDER BY k, register.id;
CREATE TEMP TABLE seed_register AS
    SELECT k, register.id, register.tou,
        CASE register.tou WHEN 0 THEN wh WHEN 2 THEN wh - wh / 3 ELSE wh / 3 END / 10 AS per_month
    FROM seed JOIN metering_register register ON register.meter_id = k;
INSERT INTO reading (account_id, period, register_id, seq, read_on, value, kind, state, reason, batch_id)
    SELECT k, 202608, id, 1, '2026-09-01', 1000 + id % 7777, 4, 1, 0, 0 FROM seed_register ORDER BY k, id;
INSERT INTO reading (account_id, period, register_id, seq, read_on, value, kind, state, reason, batch_id)
    SELECT k, 202609, id, 1, '2026-10-01', 1000 + id % 7777 + per_month, 1, 1, 0, 0 FROM seed_register ORDER BY k, id;
INSERT INTO reading (account_id, period, register_id, seq, read_on, value, kind, state, reason, batch_id)
    SELECT k, 202610, id, 1, '2026-11-01', 1000 + id % 7777 + per_month * 2 + per_month / 9, 1, 1, 0, 0
    FROM seed_register WHERE {unread} = 0 OR k % {unread} <> 0 ORDER BY k, id;
"""


def make(accounts: int, units: int, small: int, unread: int = 0) -> None:
    """Make the town in the empty, migrated database that Django is set up for. Every `unread`-th account (0: none) has
    no reading of the last period."""
    from gridhall.kernel import partitions
    from gridhall.kernel.access import system
    from gridhall.tariffs import public as tariffs

    books = Path(tariffs.__file__).parent / "books"
    texts = [(books / f"{name}.yaml").read_text() for name in (*BOOKS, BY_PERIOD)]
    for text in (*texts, BLOCKS_FIXED_TAX):
        for version in tariffs.enter_book(system("seed"), text):
            tariffs.approve(system("seed"), version)
    for period in (202608, BEFORE, PERIOD):
        partitions.ensure(["reading"], period)
    names = ", ".join(f"'{name}'" for name in BOOKS)
    run_sql(TOWN.format(units=units, accounts=accounts, small=small, by_period=BY_PERIOD, books=names, unread=unread))
    run_sql("VACUUM ANALYZE")


def run_sql(text: str) -> None:
    """Run statements on a connection of their own."""
    import psycopg

    from gridhall.kernel import database

    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute(text)
