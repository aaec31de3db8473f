-- Till sessions with the money taken and given back in each.
SELECT s.id, t.id, t.code, t.name_en, t.name_zh, t.outlet_id, t.unit_id, s.clerk_id, u.username, s.opened_at, s.closed_at,
    s.float_amount, m.cash_in, m.cash_out, m.other_in, m.payments, m.reversals,
    s.float_amount + m.cash_in - m.cash_out, s.counted, s.difference, s.note
FROM payments_tillsession AS s
JOIN payments_till AS t ON t.id = s.till_id
JOIN auth_user AS u ON u.id = s.clerk_id
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(amount) FILTER (WHERE kind = 1 AND method = 1), 0)::bigint AS cash_in,
        coalesce(sum(amount) FILTER (WHERE kind IN (2, 4) AND method = 1), 0)::bigint AS cash_out,
        coalesce(sum(CASE kind WHEN 1 THEN amount ELSE -amount END) FILTER (WHERE method <> 1), 0)::bigint AS other_in,
        count(*) FILTER (WHERE kind = 1) AS payments,
        count(*) FILTER (WHERE kind = 2) AS reversals
    FROM payment WHERE session_id = s.id AND session_id > 0
) AS m
WHERE /* which */ true
ORDER BY s.opened_at DESC, s.id DESC
LIMIT %(limit)s
