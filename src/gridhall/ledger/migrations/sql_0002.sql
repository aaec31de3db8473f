CREATE TABLE movement (
    account_id bigint NOT NULL, period integer NOT NULL, kind smallint NOT NULL, source bigint NOT NULL, n smallint NOT NULL,
    unit_id integer NOT NULL, debit smallint NOT NULL, credit smallint NOT NULL CHECK (debit <> credit),
    amount bigint NOT NULL CHECK (amount > 0), value_on date NOT NULL, posted_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, period, kind, source, n)
) PARTITION BY LIST (period);

CREATE TABLE open_item (
    account_id bigint NOT NULL, period integer NOT NULL, kind smallint NOT NULL, seq smallint NOT NULL,
    unit_id integer NOT NULL, class_code smallint NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0), open bigint NOT NULL CHECK (open BETWEEN 0 AND amount),
    issued_on date NOT NULL, due_on date NOT NULL, late_upto date NOT NULL, late_charged bigint NOT NULL DEFAULT 0,
    late_n smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, period, kind, seq)
) PARTITION BY LIST (period);

CREATE TABLE allocation (
    account_id bigint NOT NULL, payment_no bigint NOT NULL, n smallint NOT NULL,
    item_period integer NOT NULL, item_kind smallint NOT NULL, item_seq smallint NOT NULL, amount bigint NOT NULL,
    PRIMARY KEY (account_id, payment_no, n)
);

-- The row is the account's lock; room is left in each page so that its updates stay in place.
CREATE TABLE balance (
    account_id bigint PRIMARY KEY, unit_id integer NOT NULL,
    owed bigint NOT NULL CHECK (owed >= 0), credit bigint NOT NULL CHECK (credit >= 0),
    open_from integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE late_charge (
    account_id bigint NOT NULL, payment_no bigint NOT NULL, n smallint NOT NULL,
    item_period integer NOT NULL, item_seq smallint NOT NULL,
    principal bigint NOT NULL, from_on date NOT NULL, upto_on date NOT NULL, amount bigint NOT NULL,
    PRIMARY KEY (account_id, payment_no, n)
);

-- Every number that settles something (payment, set-off, reversal, release) comes from here.
CREATE SEQUENCE payment_no;
