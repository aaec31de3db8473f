CREATE SEQUENCE payment_no;

CREATE TABLE payment_key (
    account_id bigint NOT NULL, key varchar(120) NOT NULL, payment_no bigint NOT NULL,
    PRIMARY KEY (account_id, key)
);

CREATE TABLE payment (
    account_id bigint NOT NULL, no bigint NOT NULL, kind smallint NOT NULL, unit_id integer NOT NULL,
    door smallint NOT NULL, method smallint NOT NULL, amount bigint NOT NULL CHECK (amount > 0), to_credit bigint NOT NULL,
    session_id bigint NOT NULL DEFAULT 0, reverses bigint NOT NULL DEFAULT 0,
    received_at timestamptz NOT NULL, value_on date NOT NULL,
    PRIMARY KEY (account_id, no)
);
