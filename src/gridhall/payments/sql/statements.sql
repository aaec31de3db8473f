-- Statements with what came and went, what of it waits, and the gap to the one before it.
SELECT s.id, s.account_id, s.ident, s.sequence, s.from_on, s.to_on, s.opening, s.closing, s.entries_told,
    e.entries, e.came, e.went, s.form, s.file_name, s.loaded_by_name, s.loaded_at, s.gap, e.open_count, e.open_amount
FROM (
    SELECT *, opening - lag(closing) OVER (PARTITION BY account_id ORDER BY to_on, sequence, id) AS gap
    FROM payments_statement
) AS s
JOIN payments_bankaccount AS a ON a.id = s.account_id
CROSS JOIN LATERAL (
    SELECT count(*) AS entries, coalesce(sum(entry.amount) FILTER (WHERE entry.amount > 0), 0)::bigint AS came,
        coalesce(-sum(entry.amount) FILTER (WHERE entry.amount < 0), 0)::bigint AS went,
        count(*) FILTER (WHERE item.open <> 0) AS open_count, coalesce(sum(item.open), 0)::bigint AS open_amount
    FROM payments_statemententry AS entry LEFT JOIN payments_suspenseitem AS item ON item.entry_id = entry.id
    WHERE entry.statement_id = s.id
) AS e
WHERE (%(all)s OR a.unit_id = ANY(%(units)s)) AND (%(id)s = 0 OR s.id = %(id)s) AND (%(gaps)s = false OR s.gap <> 0)
ORDER BY s.to_on DESC, s.sequence DESC, s.id DESC
LIMIT %(limit)s
