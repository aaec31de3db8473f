-- What a settlement comes to, written down in one statement: all of it or nothing.
WITH fresh_late AS (
    INSERT INTO open_item (
        account_id, period, kind, seq, unit_id, class_code, amount, open, issued_on, due_on, late_upto, late_charged, late_n
    )
    SELECT account_id, period, kind, seq, unit_id, class_code, amount, open, issued_on, due_on, due_on, 0, 0
    FROM unnest(
        %(f_account)s, %(f_period)s, %(f_kind)s, %(f_seq)s, %(f_unit)s, %(f_class)s, %(f_amount)s, %(f_open)s,
        %(f_issued)s, %(f_due)s
    ) AS f (account_id, period, kind, seq, unit_id, class_code, amount, open, issued_on, due_on)
), changed_item AS (
    UPDATE open_item AS item
    SET amount = c.amount, open = c.open, late_upto = c.late_upto, late_charged = c.late_charged, late_n = c.late_n,
        late_accrued = c.late_accrued
    FROM unnest(
        %(c_account)s, %(c_period)s, %(c_kind)s, %(c_seq)s, %(c_amount)s, %(c_open)s, %(c_upto)s, %(c_charged)s, %(c_n)s,
        %(c_accrued)s
    ) AS c (account_id, period, kind, seq, amount, open, late_upto, late_charged, late_n, late_accrued)
    WHERE item.account_id = c.account_id AND item.period = c.period AND item.kind = c.kind AND item.seq = c.seq
), why_late AS (
    INSERT INTO late_charge (account_id, payment_no, n, item_period, item_seq, principal, from_on, upto_on, amount)
    SELECT * FROM unnest(
        %(l_account)s, %(l_no)s, %(l_n)s, %(l_period)s, %(l_seq)s, %(l_principal)s, %(l_from)s, %(l_upto)s, %(l_amount)s
    )
), part AS (
    INSERT INTO allocation (account_id, payment_no, n, item_period, item_kind, item_seq, amount)
    SELECT * FROM unnest(
        %(a_account)s, %(a_no)s, %(a_n)s, %(a_period)s, %(a_kind)s, %(a_seq)s, %(a_amount)s
    )
), moved AS (
    INSERT INTO movement (account_id, period, kind, source, n, unit_id, debit, credit, amount, value_on, posted_at)
    SELECT m.*, %(posted_at)s FROM unnest(
        %(m_account)s, %(m_period)s, %(m_kind)s, %(m_source)s, %(m_n)s, %(m_unit)s, %(m_debit)s, %(m_credit)s,
        %(m_amount)s, %(m_value)s
    ) AS m
)
UPDATE balance SET owed = b.owed, credit = b.credit, open_from = b.open_from
FROM unnest(%(b_account)s, %(b_owed)s, %(b_credit)s, %(b_from)s) AS b (account_id, owed, credit, open_from)
WHERE balance.account_id = b.account_id
