-- Appended only; keys begin with the account, which never changes.
CREATE TABLE debit (
    account_id bigint NOT NULL, cycle_id bigint NOT NULL, attempt smallint NOT NULL, mandate_id bigint NOT NULL,
    bank_id integer NOT NULL, amount bigint NOT NULL CHECK (amount > 0), usual bigint NOT NULL, held smallint NOT NULL,
    PRIMARY KEY (account_id, cycle_id, attempt)
);
CREATE INDEX debit_of_cycle ON debit (cycle_id, attempt, account_id);

CREATE TABLE debit_line (
    account_id bigint NOT NULL, cycle_id bigint NOT NULL, attempt smallint NOT NULL, file_id bigint NOT NULL,
    line integer NOT NULL, amount bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (account_id, cycle_id, attempt)
);
CREATE UNIQUE INDEX debit_line_of_file ON debit_line (file_id, line);

-- One result a debit: the key is what keeps a file that comes twice from counting twice.
CREATE TABLE debit_result (
    account_id bigint NOT NULL, cycle_id bigint NOT NULL, attempt smallint NOT NULL, result_id bigint NOT NULL,
    "row" integer NOT NULL, outcome smallint NOT NULL, amount bigint NOT NULL, bank_on date NOT NULL,
    PRIMARY KEY (account_id, cycle_id, attempt)
);
CREATE INDEX debit_result_of_file ON debit_result USING brin (result_id);

-- How each debit stands: 1 held, 2 waiting, 3 in a file, 4 sent, 5 debited, 6 failed, 7 unknown, 8 withdrawn.
CREATE VIEW debit_now AS
SELECT d.account_id, d.cycle_id, d.attempt, d.mandate_id, d.bank_id, d.amount AS announced, d.usual, d.held,
    coalesce(l.file_id, 0) AS file_id, coalesce(l.line, 0) AS line, coalesce(l.amount, d.amount) AS amount,
    coalesce(r.outcome, 0::smallint) AS outcome, coalesce(r.result_id, 0) AS result_id, r.bank_on,
    (CASE
        WHEN r.outcome = 1 THEN 5
        WHEN r.outcome = 20 THEN 7
        WHEN r.outcome IS NOT NULL THEN 6
        WHEN w.id IS NOT NULL THEN 8
        WHEN l.file_id IS NOT NULL AND f.state IN ('sending', 'sent') THEN 4
        WHEN l.file_id IS NOT NULL THEN 3
        WHEN d.held > 0 AND a.id IS NULL THEN 1
        ELSE 2
    END)::smallint AS state
FROM debit AS d
LEFT JOIN debit_line AS l ON l.account_id = d.account_id AND l.cycle_id = d.cycle_id AND l.attempt = d.attempt
LEFT JOIN debits_debitfile AS f ON f.id = l.file_id
LEFT JOIN debit_result AS r ON r.account_id = d.account_id AND r.cycle_id = d.cycle_id AND r.attempt = d.attempt
LEFT JOIN debits_withdrawal AS w ON w.account_id = d.account_id AND w.cycle_id = d.cycle_id AND w.attempt = d.attempt
LEFT JOIN debits_holdanswer AS a ON a.account_id = d.account_id AND a.cycle_id = d.cycle_id AND a.attempt = d.attempt;
