CREATE TABLE reading (
    account_id bigint NOT NULL, period integer NOT NULL, register_id bigint NOT NULL, seq smallint NOT NULL,
    read_on date NOT NULL, value bigint NOT NULL CHECK (value >= 0),
    kind smallint NOT NULL, state smallint NOT NULL, reason smallint NOT NULL DEFAULT 0, batch_id bigint NOT NULL,
    PRIMARY KEY (account_id, period, register_id, seq)
) PARTITION BY LIST (period);
