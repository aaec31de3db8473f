-- The invariants of the payments.

-- check: payment_moved on payment
-- en: A payment is not what its movements come to, or not what was allocated and went to credit
-- zh: 缴费金额与其记账合计或销账加预存不符
SELECT concat_ws('/', coalesce(p.account_id, m.account_id), coalesce(p.no, m.source)),
    CASE WHEN p.no IS NULL THEN 'no payment' ELSE concat_ws(' of which credit ', p.amount, p.to_credit) END,
    concat_ws(' of which credit ', coalesce(m.amount, 0), coalesce(m.to_credit, 0))
FROM payment AS p FULL JOIN (
    SELECT account_id, source, sum(amount) AS amount,
        sum(CASE WHEN kind IN (3, 4, 14, 15) AND (debit = 2203 OR credit = 2203) THEN amount ELSE 0 END) AS to_credit
    FROM movement WHERE kind IN (3, 4, 7, 14, 15) AND account_id > 0 GROUP BY account_id, source
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
WHERE o.state = 'paid' AND (p.no IS NULL OR p.amount <> o.amount AND NOT EXISTS (
    -- a second person has released that the gateway's bill is right
    SELECT FROM payments_daydifference AS d
    WHERE d.serial = o.order_no AND d.state = 'done' AND d.their_amount = p.amount
))

-- check: cash_at_a_till on movement
-- en: Cash was booked that came into no till, or left none
-- zh: 现金记账没有对应的收费台
SELECT concat_ws('/', m.account_id, m.period, m.kind, m.source, m.n), concat_ws(' ', m.amount, 'of no till'),
    'a payment in cash at a till'
FROM movement AS m
LEFT JOIN payment AS p ON p.no = m.source AND (p.account_id = m.account_id OR m.account_id = 0) AND p.method = 1
LEFT JOIN payments_tillsession AS s ON s.id = p.session_id
WHERE (m.debit = 1001 OR m.credit = 1001) AND (m.account_id > 0 OR m.kind = 12) AND s.id IS NULL

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
        SELECT coalesce(o.holder_unit, p.unit_id) AS unit_id, p.session_id,
            CASE p.kind WHEN 1 THEN p.amount ELSE -p.amount END AS cash
        FROM payment AS p JOIN payments_tillsession AS s ON s.id = p.session_id
        LEFT JOIN payments_interunit AS o ON o.number = p.no
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
        SELECT coalesce(o.holder_unit, p.unit_id) AS unit_id, CASE p.kind WHEN 1 THEN p.amount ELSE -p.amount END AS amount
        FROM payment AS p LEFT JOIN payments_interunit AS o ON o.number = p.no
        WHERE p.method IN (2, 3) AND p.kind IN (1, 2)
        UNION ALL
        SELECT unit_id, CASE WHEN debit = 1012 THEN amount ELSE -amount END
        FROM movement WHERE account_id = 0 AND kind IN (11, 20, 21) AND (debit = 1012 OR credit = 1012)
    ) AS part GROUP BY unit_id
) AS p USING (unit_id)
WHERE coalesce(m.transit, 0) <> coalesce(p.transit, 0)

-- check: online_by_order on payment
-- en: A payment that came online has no paid order, or was undone without a refund or a released bill of the gateway
-- zh: 网上缴费没有已支付订单，或未经渠道退款、对账放行即已冲回
SELECT concat_ws('/', p.account_id, p.no), concat_ws(' ', p.amount, k.key, CASE WHEN r.no IS NOT NULL THEN 'undone' END),
    CASE WHEN r.no IS NULL THEN 'a paid order' ELSE 'a booked refund' END
FROM payment_key AS k
JOIN payment AS p ON p.account_id = k.account_id AND p.no = k.payment_no
LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND r.kind = 2
LEFT JOIN LATERAL (
    SELECT bool_or(d.act IN ('reverse', 'correct')) AS undone, bool_or(d.their_amount = p.amount) AS paid
    FROM payments_daydifference AS d
    JOIN payments_dayreconciliation AS y ON y.id = d.reconciliation_id
    WHERE d.serial = split_part(k.key, ':', 3) AND d.state = 'done'
        AND y.counterparty = concat_ws(':', 'online', split_part(k.key, ':', 2))
) AS bill ON true
WHERE starts_with(k.key, 'online:') AND (
    r.no IS NULL AND NOT EXISTS (
        SELECT FROM payments_gatewayorder AS o
        WHERE o.account_id = p.account_id AND o.payment_no = p.no AND o.state = 'paid'
            AND (o.amount = p.amount OR bill.paid)
    )
    OR r.no IS NOT NULL AND bill.undone IS NOT TRUE AND NOT EXISTS (
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
    SELECT source, sum(CASE WHEN debit = 1002 THEN amount WHEN credit = 1002 THEN -amount ELSE 0 END) AS bank
    FROM movement WHERE account_id = 0 AND kind = 11 GROUP BY source
) AS m ON m.source = d.id LEFT JOIN (
    SELECT reconciliation_id, count(*) AS open FROM payments_daydifference WHERE state = 'open' GROUP BY reconciliation_id
) AS o ON o.reconciliation_id = d.id
WHERE (coalesce(m.bank, 0) <> CASE d.state WHEN 'settled' THEN d.their_amount ELSE 0 END
        -- a gateway may keep its fee of the transfer
        AND coalesce(m.bank, 0) <> CASE d.state WHEN 'settled' THEN d.their_amount - d.their_fee ELSE 0 END)
    OR d.state = 'settled' AND coalesce(o.open, 0) > 0

-- check: serial_is_its_payment on payments_partnerserial
-- en: What a partner's serial says is not the payment that is booked under it
-- zh: 代收流水与其缴费不符
SELECT concat_ws('/', s.partner_id, s.serial), concat_ws(' of account ', s.amount, s.account_id), p.amount::text
FROM payments_partnerserial AS s
JOIN payment_key AS k ON k.account_id = s.account_id AND k.key = concat_ws(':', 'bank', s.partner_id, s.serial)
JOIN payment AS p ON p.account_id = k.account_id AND p.no = k.payment_no
WHERE p.amount <> s.amount

-- check: control_suspense on payments_suspenseitem
-- en: The suspense in the books of a unit (2999) is not what is open of its items
-- zh: 待处理款项总账（2999）与未处理明细不符
SELECT concat_ws(' of unit ', 2999, coalesce(m.unit_id, i.unit_id)), coalesce(m.suspense, 0)::text,
    coalesce(i.open, 0)::text
FROM (
    SELECT unit_id, sum(CASE WHEN credit = 2999 THEN amount ELSE -amount END) AS suspense
    FROM movement WHERE debit = 2999 OR credit = 2999 GROUP BY unit_id
) AS m FULL JOIN (SELECT unit_id, sum(open) AS open FROM payments_suspenseitem GROUP BY unit_id) AS i USING (unit_id)
WHERE coalesce(m.suspense, 0) <> coalesce(i.open, 0)

-- check: suspense_open on payments_suspenseitem
-- en: What is open of money in suspense is not its amount less what was done about it
-- zh: 待处理款项余额与处理记录不符
SELECT i.id::text, concat_ws(' of ', i.open, i.amount), (i.amount - coalesce(a.done, 0))::text
FROM payments_suspenseitem AS i LEFT JOIN (
    SELECT item_id, sum(amount) AS done FROM payments_suspenseact WHERE state = 'done' GROUP BY item_id
) AS a ON a.item_id = i.id
WHERE i.open <> i.amount - coalesce(a.done, 0)

-- check: suspense_paid on payments_suspenseact
-- en: What an account got from suspense is not its payment, or stands though it went back
-- zh: 由待处理款项入账的金额与缴费不符，或已退回待处理而缴费仍有效
SELECT a.id::text, concat_ws(' as payment ', a.amount, a.payment_no),
    concat_ws(' ', coalesce(p.amount, 0), CASE WHEN r.no IS NULL THEN 'standing' ELSE 'reversed' END)
FROM payments_suspenseact AS a
LEFT JOIN payments_suspenseact AS g ON g.kind = 'again' AND g.other_id = a.id AND g.state = 'done'
LEFT JOIN payment AS p ON p.account_id = a.account_id AND p.no = a.payment_no AND p.kind = 1
LEFT JOIN payment AS r ON r.account_id = a.account_id AND r.reverses = a.payment_no AND r.kind = 2
WHERE a.kind = 'pay' AND a.state = 'done'
    AND (p.amount IS DISTINCT FROM a.amount OR (g.id IS NULL) <> (r.no IS NULL))

-- check: entry_suspended on payments_statemententry
-- en: A line of a bank statement is neither in suspense with its amount nor the bank's side of what was booked before
-- zh: 银行对账单明细既未按其金额转入待处理，也不对应已入账事项
SELECT e.id::text, e.amount::text, coalesce(i.amount::text, 'nothing')
FROM payments_statemententry AS e LEFT JOIN payments_suspenseitem AS i ON i.entry_id = e.id
WHERE (e.confirms = '') <> (i.id IS NOT NULL) OR i.amount <> e.amount

-- check: statement_adds_up on payments_statement
-- en: The balances of a bank statement are not apart by its lines
-- zh: 银行对账单期初、期末余额与明细不符
SELECT s.id::text, concat_ws(' to ', s.opening, s.closing), coalesce(e.amount, 0)::text
FROM payments_statement AS s LEFT JOIN (
    SELECT statement_id, sum(amount) AS amount, count(*) AS entries FROM payments_statemententry GROUP BY statement_id
) AS e ON e.statement_id = s.id
WHERE coalesce(e.entries, 0) = s.entries_told AND s.closing - s.opening <> coalesce(e.amount, 0)

-- check: units_owe on payments_interunit
-- en: What units hold for one another is not what was booked between them (3001)
-- zh: 核算单元间代收登记与清算往来（3001）记账不符
SELECT concat_ws(' of unit ', coalesce(m.source, o.number), coalesce(m.unit_id, o.unit_id)),
    coalesce(o.amount, 0)::text, coalesce(m.amount, 0)::text
FROM (
    SELECT source, unit_id, sum(CASE WHEN debit = 3001 THEN amount ELSE -amount END) AS amount
    FROM movement WHERE (debit = 3001 OR credit = 3001) AND kind <> 13 GROUP BY source, unit_id
) AS m FULL JOIN (
    SELECT number, unit_id, sum(amount) AS amount
    FROM (
        SELECT number, holder_unit AS unit_id, -amount AS amount FROM payments_interunit
        UNION ALL
        SELECT number, owner_unit, amount FROM payments_interunit
    ) AS side GROUP BY number, unit_id
) AS o ON o.number = m.source AND o.unit_id = m.unit_id
WHERE coalesce(m.amount, 0) <> coalesce(o.amount, 0)

-- check: units_settled on payments_unitsettlement
-- en: A settlement between units is not what was booked for it
-- zh: 核算单元间结算与记账不符
SELECT concat_ws(' of unit ', coalesce(m.source, o.id), coalesce(m.unit_id, o.unit_id)),
    coalesce(o.amount, 0)::text, coalesce(m.amount, 0)::text
FROM (
    SELECT source, unit_id, sum(CASE WHEN debit = 3001 THEN amount ELSE -amount END) AS amount
    FROM movement WHERE kind = 13 GROUP BY source, unit_id
) AS m FULL JOIN (
    SELECT side.id, side.unit_id, sum(side.amount) AS amount
    FROM (
        SELECT s.id, i.holder_unit AS unit_id, i.amount
        FROM payments_interunit AS i JOIN payments_unitsettlement AS s ON s.id = i.settlement_id WHERE s.state = 'booked'
        UNION ALL
        SELECT s.id, i.owner_unit, -i.amount
        FROM payments_interunit AS i JOIN payments_unitsettlement AS s ON s.id = i.settlement_id WHERE s.state = 'booked'
    ) AS side GROUP BY side.id, side.unit_id
) AS o ON o.id = m.source AND o.unit_id = m.unit_id
WHERE coalesce(m.amount, 0) <> coalesce(o.amount, 0)

-- check: control_cheques on ledger_glaccount
-- en: The cheques in clearing in the books of a unit (1013) are not those that were taken and are at no end
-- zh: 支票托收在途总账（1013）与未了结的支票不符
SELECT concat_ws(' of unit ', 1013, coalesce(m.unit_id, c.unit_id)), coalesce(m.amount, 0)::text,
    coalesce(c.amount, 0)::text
FROM (
    SELECT unit_id, sum(CASE WHEN debit = 1013 THEN amount ELSE -amount END) AS amount
    FROM movement WHERE debit = 1013 OR credit = 1013 GROUP BY unit_id
) AS m FULL JOIN (
    SELECT unit_id, sum(amount) AS amount FROM payments_cheque WHERE state IN ('held', 'presented') GROUP BY unit_id
) AS c USING (unit_id)
WHERE coalesce(m.amount, 0) <> coalesce(c.amount, 0)

-- check: cheque_of_payment on payments_cheque
-- en: A cheque is not its payment, or its payment stands though the cheque came back
-- zh: 支票与其缴费不符，或支票已退而缴费未冲
SELECT coalesce(c.id::text, concat_ws('/', p.account_id, p.no)), concat_ws(' ', coalesce(c.state, 'no cheque'), c.amount),
    concat_ws(' ', coalesce(p.amount::text, 'no payment'), CASE WHEN r.no IS NOT NULL THEN 'undone' END)
FROM payments_cheque AS c
FULL JOIN (SELECT * FROM payment WHERE kind = 1 AND method = 5) AS p ON p.account_id = c.account_id AND p.no = c.payment_no
LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND r.kind = 2
WHERE c.id IS NULL OR p.no IS NULL OR p.amount <> c.amount
    OR (r.no IS NOT NULL) <> (c.state IN ('returned', 'withdrawn'))

-- check: plan_parts on payments_instalmentplan
-- en: The parts of a plan, or the items it covers, do not come to its debt
-- zh: 分期协议各期合计或所含应收合计与欠费总额不符
SELECT p.id::text, p.total::text, concat_ws(' of items ', coalesce(t.amount, 0), coalesce(i.amount, 0))
FROM payments_instalmentplan AS p
LEFT JOIN (SELECT plan_id, sum(amount) AS amount FROM payments_instalmentpart GROUP BY plan_id) AS t ON t.plan_id = p.id
LEFT JOIN (SELECT plan_id, sum(amount) AS amount FROM payments_instalmentitem GROUP BY plan_id) AS i ON i.plan_id = p.id
WHERE p.total <> coalesce(t.amount, 0) OR p.total <> coalesce(i.amount, 0)

-- check: act_done on payments_moneyact
-- en: A write-off or its recovery is not what was booked for it
-- zh: 坏账核销或恢复与记账不符
SELECT coalesce(a.id::text, concat_ws('/', m.account_id, m.source)), coalesce(a.amount::text, 'no act'),
    coalesce(m.amount, 0)::text
FROM (SELECT * FROM payments_moneyact WHERE state = 'done' AND act IN ('write_off', 'recover')) AS a
FULL JOIN (SELECT * FROM movement WHERE kind IN (16, 17)) AS m
    ON m.account_id = a.account_id AND m.source = a.done_no AND m.kind = CASE a.act WHEN 'write_off' THEN 16 ELSE 17 END
WHERE a.id IS NULL OR a.amount <> coalesce(m.amount, 0)
