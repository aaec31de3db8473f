-- Numbers. An account number is nine digits of its sequence and a check digit.
CREATE SEQUENCE customer_id;
CREATE SEQUENCE premise_id;
CREATE SEQUENCE account_id;
CREATE SEQUENCE agreement_id;
CREATE SEQUENCE account_number START 310200101;

-- Search by words and pairs of characters (keys.py); the embedded PostgreSQL has no pg_trgm.
CREATE INDEX customer_find ON customers_customer USING gin (array_to_tsvector(string_to_array(name_key, ' ')));
CREATE INDEX premise_find ON customers_premise USING gin (array_to_tsvector(string_to_array(address_key, ' ')));

-- One open agreement of an account at a time, and one of a premise.
CREATE UNIQUE INDEX agreement_account_open_once ON customers_agreement (account_id) WHERE until IS NULL;
CREATE UNIQUE INDEX agreement_premise_open_once ON customers_agreement (premise_id) WHERE until IS NULL;

-- The tariff codes in use are found by hops through it.
CREATE INDEX supply_term_tariff ON customers_supplyterm (tariff_code);
