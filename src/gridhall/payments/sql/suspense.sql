-- Money in suspense with the line of the statement, or the row of the bank's day, by which it came.
SELECT i.id, i.unit_id, i.amount, i.open, i.open - coalesce(a.asked, 0), i.on, i.side, coalesce(e.value_on, i.on),
    coalesce(e.payer_name, ''), coalesce(e.payer_account, ''), coalesce(e.virtual_account, ''),
    coalesce(e.text, ''), coalesce(e.bank_ref, d.serial, ''),
    coalesce(e.statement_id, 0), coalesce(e.account_id, 0), coalesce(r.counterparty, ''), coalesce(r.id, 0),
    coalesce(d.serial, ''), coalesce(d.account_number, ''), coalesce(d.account_id, 0), coalesce(d.payment_no, 0),
    coalesce(b.virtual_prefix, ''), coalesce(p.code, '')
FROM payments_suspenseitem AS i
LEFT JOIN payments_statemententry AS e ON e.id = i.entry_id
LEFT JOIN payments_bankaccount AS b ON b.id = e.account_id
LEFT JOIN payments_daydifference AS d ON d.id = i.difference_id
LEFT JOIN payments_dayreconciliation AS r ON r.id = d.reconciliation_id
LEFT JOIN payments_partner AS p ON r.counterparty = 'bank:' || p.id
LEFT JOIN LATERAL (
    SELECT sum(amount)::bigint AS asked FROM payments_suspenseact
    WHERE item_id = i.id AND state IN ('asked', 'agreed')
) AS a ON true
WHERE (%(all)s OR i.unit_id = ANY(%(units)s)) AND (%(ids)s::bigint[] IS NULL OR i.id = ANY(%(ids)s))
    AND (%(open)s = false OR i.open <> 0)
    AND (%(statement)s = 0 OR e.statement_id = %(statement)s)
    AND (%(word)s = '' OR concat_ws(' ', e.payer_name, e.text, e.bank_ref, d.serial, d.account_number) ILIKE %(like)s
        OR abs(i.open) = %(exact)s)
ORDER BY i.on, i.id
LIMIT %(limit)s
