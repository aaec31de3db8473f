CREATE TABLE payment_key (
    account_id bigint NOT NULL, key varchar(120) NOT NULL, payment_no bigint NOT NULL,
    PRIMARY KEY (account_id, key)
);

CREATE TABLE payment (
    account_id bigint NOT NULL, no bigint NOT NULL, kind smallint NOT NULL, unit_id integer NOT NULL,
    door smallint NOT NULL, method smallint NOT NULL, amount bigint NOT NULL CHECK (amount > 0), to_credit bigint NOT NULL,
    left_owed bigint NOT NULL,
    session_id bigint NOT NULL DEFAULT 0, reverses bigint NOT NULL DEFAULT 0,
    received_at timestamptz NOT NULL, value_on date NOT NULL,
    PRIMARY KEY (account_id, no)
);

-- Payments come in the order of time, so a day of them is found by block ranges; tills by their session.
CREATE INDEX payment_received_at ON payment USING brin (received_at) WITH (pages_per_range = 32);
CREATE INDEX payment_session ON payment (session_id) WHERE session_id > 0;

-- What the payer's bank said about a payment, where it said anything.
CREATE TABLE payment_reference (
    account_id bigint NOT NULL, no bigint NOT NULL, reference varchar(200) NOT NULL,
    PRIMARY KEY (account_id, no)
);
