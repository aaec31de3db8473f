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

-- check: cash_at_a_till on movement
-- en: Cash was booked that came into no till, or left none
-- zh: 现金记账没有对应的收费台
SELECT concat_ws('/', m.account_id, m.period, m.kind, m.source, m.n), concat_ws(' ', m.amount, 'of no till'),
    'a payment in cash at a till'
FROM movement AS m
LEFT JOIN payment AS p ON p.account_id = m.account_id AND p.no = m.source AND p.method = 1
LEFT JOIN payments_tillsession AS s ON s.id = p.session_id
WHERE (m.debit = 1001 OR m.credit = 1001) AND m.account_id > 0 AND s.id IS NULL

-- check: control_cash on ledger_glaccount
-- en: The cash in the books of a unit (1001) is not what its tills hold: open ones, and closed ones not yet banked
-- zh: 库存现金总账（1001）与收费台现金不符：未关台的与已关台未解款的
SELECT concat_ws(' of unit ', 1001, coalesce(m.unit_id, t.unit_id)), coalesce(m.cash, 0)::text,
    concat_ws(' in sessions ', coalesce(t.cash, 0), coalesce(t.sessions, 'none'))
FROM (
    SELECT unit_id, sum(CASE WHEN debit = 1001 THEN amount ELSE -amount END) AS cash
    FROM movement WHERE debit = 1001 OR credit = 1001 GROUP BY unit_id
) AS m FULL JOIN (
    SELECT unit_id, sum(cash) AS cash, left(string_agg(DISTINCT session_id::text, ' '), 200) AS sessions
    FROM (
        SELECT p.unit_id, p.session_id, CASE p.kind WHEN 1 THEN p.amount ELSE -p.amount END AS cash
        FROM payment AS p JOIN payments_tillsession AS s ON s.id = p.session_id
        LEFT JOIN payments_banking AS b ON b.id = s.banking_id
        WHERE p.session_id > 0 AND p.method = 1 AND b.state IS DISTINCT FROM 'booked'
        UNION ALL
        SELECT till.unit_id, s.id, s.difference
        FROM payments_tillsession AS s JOIN payments_till AS till ON till.id = s.till_id
        LEFT JOIN payments_banking AS b ON b.id = s.banking_id
        WHERE s.closed_at IS NOT NULL AND b.state IS DISTINCT FROM 'booked'
    ) AS held GROUP BY unit_id
) AS t USING (unit_id)
WHERE coalesce(m.cash, 0) <> coalesce(t.cash, 0)

-- check: banking_counted on payments_banking
-- en: Cash brought to the bank is not what its till sessions were counted at, or not what was booked at the bank
-- zh: 解款金额与所含班次清点金额或银行存款记账不符
SELECT b.id::text, concat_ws(' of counted ', b.amount, b.counted),
    concat_ws(' of counted ', coalesce(m.bank, 0), coalesce(s.counted, 0))
FROM payments_banking AS b LEFT JOIN (
    SELECT banking_id, sum(counted - float_amount) AS counted FROM payments_tillsession GROUP BY banking_id
) AS s ON s.banking_id = b.id LEFT JOIN (
    SELECT source, sum(CASE WHEN debit = 1002 THEN amount WHEN credit = 1002 THEN -amount ELSE 0 END) AS bank
    FROM movement WHERE account_id = 0 AND kind = 10 GROUP BY source
) AS m ON m.source = b.id
WHERE b.state <> 'declined' AND b.counted <> coalesce(s.counted, 0)
    OR coalesce(m.bank, 0) <> CASE b.state WHEN 'booked' THEN b.amount ELSE 0 END

-- check: control_transit on ledger_glaccount
-- en: The money in transit in the books of a unit (1012) is not what was paid by card, online and at banks less what went back or came to our bank
-- zh: 在途货币资金总账（1012）与刷卡、网上、银行代收缴费减冲正、退款、划款之差不符
SELECT concat_ws(' of unit ', 1012, coalesce(m.unit_id, p.unit_id)), coalesce(m.transit, 0)::text,
    coalesce(p.transit, 0)::text
FROM (
    SELECT unit_id, sum(CASE WHEN debit = 1012 THEN amount ELSE -amount END) AS transit
    FROM movement WHERE debit = 1012 OR credit = 1012 GROUP BY unit_id
) AS m FULL JOIN (
    SELECT unit_id, sum(amount) AS transit
    FROM (
        SELECT unit_id, CASE kind WHEN 1 THEN amount ELSE -amount END AS amount
        FROM payment WHERE method IN (2, 3) AND kind IN (1, 2)
        UNION ALL
        SELECT unit_id, -amount FROM movement WHERE account_id = 0 AND kind = 11
    ) AS part GROUP BY unit_id
) AS p USING (unit_id)
WHERE coalesce(m.transit, 0) <> coalesce(p.transit, 0)

-- check: online_by_order on payment
-- en: A payment that came online has no paid order, or went back without a refund of the gateway
-- zh: 网上缴费没有已支付订单，或未经渠道退款即已退回
SELECT concat_ws('/', p.account_id, p.no), concat_ws(' ', p.amount, k.key, CASE WHEN r.no IS NOT NULL THEN 'undone' END),
    CASE WHEN r.no IS NULL THEN 'a paid order' ELSE 'a booked refund' END
FROM payment_key AS k
JOIN payment AS p ON p.account_id = k.account_id AND p.no = k.payment_no
LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND r.kind = 2
WHERE starts_with(k.key, 'online:') AND (
    NOT EXISTS (
        SELECT FROM payments_gatewayorder AS o
        WHERE o.account_id = p.account_id AND o.payment_no = p.no AND o.state = 'paid' AND o.amount = p.amount
    )
    OR r.no IS NOT NULL AND NOT EXISTS (
        SELECT FROM payments_refundorder AS f
        WHERE f.account_id = p.account_id AND f.payment_no = p.no AND f.state = 'booked' AND f.reversal_no = r.no
    )
)

-- check: refund_booked on payments_refundorder
-- en: A booked refund has no reversal of its amount
-- zh: 已入账退款没有对应金额的冲减记录
SELECT f.refund_no, concat_ws(' as ', f.amount, f.reversal_no), coalesce(r.amount::text, 'nothing')
FROM payments_refundorder AS f
LEFT JOIN payment AS r ON r.account_id = f.account_id AND r.no = f.reversal_no AND r.kind = 2 AND r.reverses = f.payment_no
WHERE f.state = 'booked' AND (r.no IS NULL OR r.amount <> f.amount)

-- check: day_settled on payments_dayreconciliation
-- en: The transfer of a reconciled day is not what was booked at the bank, or the day has open differences
-- zh: 已结算对账日的划款与银行存款记账不符，或尚有未处理差异
SELECT concat_ws(' ', d.counterparty, d.on), concat_ws(' at the bank ', d.their_amount, coalesce(m.bank, 0)),
    concat_ws(' ', d.state, coalesce(o.open, 0), 'open')
FROM payments_dayreconciliation AS d LEFT JOIN (
    SELECT source, sum(amount) AS bank FROM movement WHERE account_id = 0 AND kind = 11 GROUP BY source
) AS m ON m.source = d.id LEFT JOIN (
    SELECT reconciliation_id, count(*) AS open FROM payments_daydifference WHERE state = 'open' GROUP BY reconciliation_id
) AS o ON o.reconciliation_id = d.id
WHERE coalesce(m.bank, 0) <> CASE d.state WHEN 'settled' THEN d.their_amount ELSE 0 END
    OR d.state = 'settled' AND coalesce(o.open, 0) > 0

-- check: serial_is_its_payment on payments_partnerserial
-- en: What a partner's serial says is not the payment that is booked under it
-- zh: 代收流水与其缴费不符
SELECT concat_ws('/', s.partner_id, s.serial), concat_ws(' of account ', s.amount, s.account_id), p.amount::text
FROM payments_partnerserial AS s
JOIN payment_key AS k ON k.account_id = s.account_id AND k.key = concat_ws(':', 'bank', s.partner_id, s.serial)
JOIN payment AS p ON p.account_id = k.account_id AND p.no = k.payment_no
WHERE p.amount <> s.amount
