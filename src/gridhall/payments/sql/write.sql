-- New payments with their keys, and what the payer's bank said about them. The primary key of payment_key is the second
-- wall: should the lock ever fail, a key that is there already makes the whole batch fail, and nothing is booked twice.
WITH single AS (
    INSERT INTO payment_key (account_id, key, payment_no)
    SELECT * FROM unnest(%(account)s, %(key)s, %(no)s)
), told AS (
    INSERT INTO payment_reference (account_id, no, reference)
    SELECT * FROM unnest(%(r_account)s, %(r_no)s, %(r_text)s)
)
INSERT INTO payment (
    account_id, no, kind, unit_id, door, method, amount, to_credit, left_owed, session_id, reverses, received_at, value_on
)
SELECT account_id, no, 1, unit_id, door, method, amount, to_credit, left_owed, session_id, 0, %(received_at)s, value_on
FROM unnest(
    %(account)s, %(no)s, %(unit)s, %(door)s, %(method)s, %(amount)s, %(credit)s, %(left)s, %(session)s, %(value)s
) AS p (account_id, no, unit_id, door, method, amount, to_credit, left_owed, session_id, value_on)
