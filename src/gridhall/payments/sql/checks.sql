-- The invariants of the payments.

-- check: payment_moved on payment
-- en: A payment is not what its movements come to, or not what was allocated and went to credit
-- zh: 缴费金额与其记账合计或销账加预存不符
SELECT concat_ws('/', coalesce(p.account_id, m.account_id), coalesce(p.no, m.source)),
    CASE WHEN p.no IS NULL THEN 'no payment' ELSE concat_ws(' of which credit ', p.amount, p.to_credit) END,
    concat_ws(' of which credit ', coalesce(m.amount, 0), coalesce(m.to_credit, 0))
FROM payment AS p FULL JOIN (
    SELECT account_id, source, sum(amount) AS amount,
        sum(CASE WHEN kind IN (3, 4) AND (debit = 2203 OR credit = 2203) THEN amount ELSE 0 END) AS to_credit
    FROM movement WHERE kind IN (3, 4, 7) GROUP BY account_id, source
) AS m ON m.account_id = p.account_id AND m.source = p.no
WHERE p.no IS NULL OR p.amount <> coalesce(m.amount, 0) OR p.to_credit <> coalesce(m.to_credit, 0)

-- check: payment_single on payment_key
-- en: A received payment has not exactly one key, or a key has no payment
-- zh: 收款与流水键不是一一对应
SELECT concat_ws('/', coalesce(p.account_id, k.account_id), coalesce(p.no, k.payment_no)),
    concat_ws(' ', CASE WHEN p.no IS NULL THEN 'no payment' END, coalesce(k.keys, 0), 'keys'), 'one payment, one key'
FROM (SELECT * FROM payment WHERE kind = 1) AS p FULL JOIN (
    SELECT account_id, payment_no, count(*) AS keys FROM payment_key GROUP BY account_id, payment_no
) AS k ON k.account_id = p.account_id AND k.payment_no = p.no
WHERE p.no IS NULL OR coalesce(k.keys, 0) <> 1

-- check: payment_reversed on payment
-- en: A reversal is not of one received payment of the same amount, or a payment is reversed twice
-- zh: 冲正与原缴费不符，或重复冲正
SELECT concat_ws('/', r.account_id, r.no), concat_ws(' reverses ', r.amount, r.reverses), coalesce(p.amount::text, 'nothing')
FROM (
    SELECT *, count(*) OVER (PARTITION BY account_id, reverses) AS times FROM payment WHERE kind = 2
) AS r LEFT JOIN payment AS p ON p.account_id = r.account_id AND p.no = r.reverses AND p.kind = 1
WHERE p.no IS NULL OR p.amount <> r.amount OR r.times > 1

-- check: till_difference on payments_tillsession
-- en: The difference of a closed till is not its count less what it took, or not what was booked
-- zh: 关台差额与清点、收款或记账不符
SELECT s.id::text, concat_ws(' ', s.expected, s.counted, s.difference),
    concat_ws(' ', s.float_amount + coalesce(p.cash, 0), s.counted, coalesce(m.booked, 0))
FROM payments_tillsession AS s LEFT JOIN (
    SELECT session_id, sum(CASE kind WHEN 1 THEN amount ELSE -amount END) AS cash
    FROM payment WHERE session_id > 0 AND method = 1 GROUP BY session_id
) AS p ON p.session_id = s.id LEFT JOIN (
    SELECT source, sum(CASE WHEN debit = 1001 THEN amount ELSE -amount END) AS booked
    FROM movement WHERE account_id = 0 AND kind = 8 GROUP BY source
) AS m ON m.source = s.id
WHERE s.closed_at IS NOT NULL AND (
    s.expected <> s.float_amount + coalesce(p.cash, 0) OR s.difference <> s.counted - s.expected
    OR s.difference <> coalesce(m.booked, 0)
)

-- check: order_paid on payments_gatewayorder
-- en: A paid online order has no payment of its amount
-- zh: 已支付订单没有对应金额的缴费
SELECT o.order_no, concat_ws(' as payment ', o.amount, o.payment_no), coalesce(p.amount::text, 'no payment')
FROM payments_gatewayorder AS o LEFT JOIN payment AS p ON p.account_id = o.account_id AND p.no = o.payment_no
WHERE o.state = 'paid' AND (p.no IS NULL OR p.amount <> o.amount)
