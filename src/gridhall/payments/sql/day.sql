-- The money of a day: received, and given back (reversals, and credit paid out). A set-off of credit and a correction
-- move no money and are left out.
SELECT p.unit_id, p.door, p.method, coalesce(t.outlet_id, 0),
    count(*) FILTER (WHERE p.kind = 1), coalesce(sum(p.amount) FILTER (WHERE p.kind = 1), 0)::bigint,
    count(*) FILTER (WHERE p.kind IN (2, 4)), coalesce(sum(p.amount) FILTER (WHERE p.kind IN (2, 4)), 0)::bigint
FROM payment AS p
LEFT JOIN payments_tillsession AS s ON s.id = p.session_id
LEFT JOIN payments_till AS t ON t.id = s.till_id
WHERE p.received_at >= %(start)s AND p.received_at < %(end)s AND p.kind IN (1, 2, 4) AND p.method <> 6
    AND (%(all)s OR p.unit_id = ANY(%(units)s))
GROUP BY p.unit_id, p.door, p.method, coalesce(t.outlet_id, 0)
ORDER BY 1, 2, 3, 4
