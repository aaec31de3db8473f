-- Cards are many and narrow: filled by COPY, found by serial, moved by ranges of serials.
CREATE TABLE card (
    serial bigint PRIMARY KEY, order_id integer NOT NULL,
    state smallint NOT NULL CHECK (state BETWEEN 1 AND 8), frozen_from smallint NOT NULL DEFAULT 0,
    agent_id integer NOT NULL DEFAULT 0, key_no integer NOT NULL,
    digest_high bigint NOT NULL, digest_low bigint NOT NULL, expires_on date
) WITH (fillfactor = 80);

-- What an order's or an agent's cards have come to, counted where they lie.
CREATE INDEX card_of_order ON card (order_id, state);
CREATE INDEX card_of_agent ON card (agent_id, state) WHERE agent_id > 0;
CREATE INDEX card_to_expire ON card (expires_on) WHERE state = 4;

-- Wrong PINs, counted in places of fixed number (cards/guard.py).
CREATE TABLE card_guess (
    kind smallint NOT NULL, place integer NOT NULL CHECK (place BETWEEN 0 AND 65535),
    wrong integer NOT NULL, last_wrong_at timestamptz NOT NULL,
    PRIMARY KEY (kind, place)
) WITH (fillfactor = 50);

-- What a card has paid: once for each card.
CREATE TABLE card_use (
    serial bigint PRIMARY KEY, account_id bigint NOT NULL, payment_no bigint NOT NULL, used_at timestamptz NOT NULL
);
CREATE INDEX card_use_account ON card_use (account_id);
