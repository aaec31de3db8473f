-- Days of a partner's books: what stands in ours, what its file says, and what has become of it. A day counts from what
-- our books have, or from its comparison where we have nothing.
WITH ours AS (
    SELECT s.partner_id, s.bank_on, count(*) AS payments, sum(p.amount)::bigint AS amount
    FROM payments_partnerserial AS s
    JOIN payment_key AS k ON k.account_id = s.account_id AND k.key = concat_ws(':', 'bank', s.partner_id, s.serial)
    JOIN payment AS p ON p.account_id = k.account_id AND p.no = k.payment_no
    LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND r.kind = 2 AND r.method <> 6
    WHERE s.partner_id = ANY(%(partners)s) AND s.bank_on >= %(since)s AND r.no IS NULL
    GROUP BY s.partner_id, s.bank_on
), compared AS (
    SELECT split_part(d.counterparty, ':', 2)::bigint AS partner_id, d.on AS bank_on, d.id, d.state, d.their_amount,
        d.settled_on, d.transfer, f.open_count, f.suspended
    FROM payments_dayreconciliation AS d
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE state = 'open') AS open_count,
            count(*) FILTER (WHERE state = 'done' AND act = 'suspend') AS suspended
        FROM payments_daydifference WHERE reconciliation_id = d.id
    ) AS f
    WHERE d.state <> 'replaced' AND d.counterparty = ANY(%(counterparties)s) AND d.on >= %(since)s
)
SELECT partner_id, bank_on, coalesce(o.payments, 0), coalesce(o.amount, 0), coalesce(c.id, 0), coalesce(c.state, ''),
    coalesce(c.their_amount, 0), c.settled_on, coalesce(c.transfer, ''), coalesce(c.open_count, 0),
    coalesce(c.suspended, 0)
FROM ours AS o FULL JOIN compared AS c USING (partner_id, bank_on)
WHERE NOT %(open)s OR c.state IS DISTINCT FROM 'settled'
ORDER BY bank_on DESC, partner_id
LIMIT %(limit)s
