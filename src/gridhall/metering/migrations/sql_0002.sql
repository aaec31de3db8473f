CREATE TABLE reading (
    account_id bigint NOT NULL, period integer NOT NULL, register_id bigint NOT NULL, seq smallint NOT NULL,
    read_on date NOT NULL, value bigint NOT NULL CHECK (value >= 0),
    kind smallint NOT NULL, state smallint NOT NULL, reason smallint NOT NULL DEFAULT 0, batch_id bigint NOT NULL,
    PRIMARY KEY (account_id, period, register_id, seq)
) PARTITION BY LIST (period);

CREATE TABLE register_place (
    account_id bigint NOT NULL, register_id bigint NOT NULL, since date NOT NULL, until date NOT NULL,
    agreement_id bigint NOT NULL, unit_id integer NOT NULL, meter_id bigint NOT NULL,
    tou smallint NOT NULL, digits smallint NOT NULL, decimals smallint NOT NULL, multiplier integer NOT NULL,
    PRIMARY KEY (account_id, register_id, since),
    CHECK (since <= until)
);

CREATE INDEX register_place_register ON register_place (register_id);
-- A register hangs at one place at a time.
CREATE UNIQUE INDEX register_place_open_once ON register_place (register_id) WHERE until = '9999-12-31';

CREATE SEQUENCE meter_id;
CREATE SEQUENCE register_id;
