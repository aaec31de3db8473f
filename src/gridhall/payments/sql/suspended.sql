-- Lines of a statement that are not the bank's side of something booked before go into suspense, whole.
INSERT INTO payments_suspenseitem (unit_id, amount, open, "on", entry_id, side, made_at)
SELECT %(unit)s, amount, amount,
    -- the day from which it counts, never later than today; where that month is closed, today
    CASE WHEN value_on >= %(first_open)s THEN least(value_on, %(today)s) ELSE %(today)s END, id, '', %(at)s
FROM payments_statemententry WHERE statement_id = %(statement)s AND confirms = ''
RETURNING id, amount, "on"
