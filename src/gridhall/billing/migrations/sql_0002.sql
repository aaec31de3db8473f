CREATE TABLE bill (
    account_id bigint NOT NULL, period integer NOT NULL, seq smallint NOT NULL,
    agreement_id bigint NOT NULL, unit_id integer NOT NULL, area_id integer NOT NULL, run_id integer NOT NULL,
    kind smallint NOT NULL, state smallint NOT NULL, class_code smallint NOT NULL, estimated boolean NOT NULL,
    plan_id integer NOT NULL, from_on date NOT NULL, to_on date NOT NULL,
    wh bigint NOT NULL, year_used_wh bigint NOT NULL, year_months smallint NOT NULL,
    amount bigint NOT NULL, issued_on date NOT NULL, due_on date NOT NULL,
    PRIMARY KEY (account_id, period, seq)
) PARTITION BY LIST (period);

CREATE TABLE bill_line (
    account_id bigint NOT NULL, period integer NOT NULL, seq smallint NOT NULL, n smallint NOT NULL,
    component integer NOT NULL, block smallint NOT NULL, tou smallint NOT NULL, segment smallint NOT NULL,
    unit smallint NOT NULL, quantity bigint NOT NULL, price bigint NOT NULL, base bigint NOT NULL,
    amount bigint NOT NULL, rest bigint NOT NULL,
    PRIMARY KEY (account_id, period, seq, n)
) PARTITION BY LIST (period);

CREATE TABLE bill_use (
    account_id bigint NOT NULL, period integer NOT NULL, seq smallint NOT NULL, n smallint NOT NULL,
    register_id bigint NOT NULL, tou smallint NOT NULL, kind smallint NOT NULL,
    previous_on date NOT NULL, previous_value bigint NOT NULL, current_on date NOT NULL, current_value bigint NOT NULL,
    multiplier integer NOT NULL, decimals smallint NOT NULL, wh bigint NOT NULL,
    PRIMARY KEY (account_id, period, seq, n)
) PARTITION BY LIST (period);

CREATE TABLE bill_segment (
    account_id bigint NOT NULL, period integer NOT NULL, seq smallint NOT NULL, n smallint NOT NULL,
    plan_id integer NOT NULL, from_on date NOT NULL, to_on date NOT NULL,
    period_days integer NOT NULL, period_months smallint NOT NULL,
    wh_total bigint NOT NULL, wh_sharp bigint NOT NULL, wh_peak bigint NOT NULL, wh_flat bigint NOT NULL,
    wh_valley bigint NOT NULL, varh bigint NOT NULL, demand_w bigint NOT NULL,
    capacity_va bigint NOT NULL, contract_w bigint NOT NULL, persons smallint NOT NULL, allowance_wh bigint NOT NULL,
    power_factor_standard smallint NOT NULL,
    PRIMARY KEY (account_id, period, seq, n)
) PARTITION BY LIST (period);

-- Cancelled bills are few; whoever has one this year gets its year's use summed instead of carried on.
CREATE INDEX bill_cancelled ON bill (account_id, period) WHERE state = 2;
