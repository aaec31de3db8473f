-- The invariants of the ledger. Each check answers the rows that break it: (key, what it is, what it should be).
-- Each is a pass or two over the tables it names, joined by hash: linear in their rows.

-- check: movement_of_known_accounts on movement
-- en: A movement names an account of the books that does not exist, or stands in another month than its value day
-- zh: 记账科目不存在，或记账账期与记账日期不符
SELECT concat_ws('/', account_id, period, kind, source, n), concat_ws(' ', debit, credit, value_on),
    'accounts of the books, and a value day in the period'
FROM movement
WHERE NOT EXISTS (SELECT FROM ledger_glaccount WHERE code = debit)
    OR NOT EXISTS (SELECT FROM ledger_glaccount WHERE code = credit)
    OR period <> extract(year FROM value_on) * 100 + extract(month FROM value_on)

-- check: movement_of_the_accounts_unit on movement
-- en: A movement stands in another accounting unit than its account
-- zh: 记账核算单元与用户所属不符
SELECT concat_ws('/', m.account_id, m.period, m.kind, m.source, m.n), m.unit_id::text, b.unit_id::text
FROM movement AS m JOIN balance AS b USING (account_id)
WHERE m.unit_id <> b.unit_id

-- check: item_open on open_item
-- en: What is open on an item is not its amount less what was allocated to it
-- zh: 应收未收金额不等于应收金额减去已销账金额
SELECT concat_ws('/', coalesce(i.account_id, a.account_id), coalesce(i.period, a.item_period),
        coalesce(i.kind, a.item_kind), coalesce(i.seq, a.item_seq)),
    CASE WHEN i.account_id IS NULL THEN 'no item' ELSE i.open::text END, (coalesce(i.amount, 0) - coalesce(a.paid, 0))::text
FROM open_item AS i FULL JOIN (
    SELECT account_id, item_period, item_kind, item_seq, sum(amount) AS paid
    FROM allocation GROUP BY account_id, item_period, item_kind, item_seq
) AS a ON a.account_id = i.account_id AND a.item_period = i.period AND a.item_kind = i.kind AND a.item_seq = i.seq
WHERE i.account_id IS NULL OR i.open <> i.amount - coalesce(a.paid, 0)

-- check: item_amount on open_item
-- en: The amount of an item is not what its movements come to
-- zh: 应收金额与其记账合计不符
SELECT concat_ws('/', coalesce(i.account_id, m.account_id), coalesce(i.period, m.source / {source_of_seq}), coalesce(i.kind, m.kind),
        coalesce(i.seq, m.source % {source_of_seq})),
    coalesce(i.amount::text, 'no item'), coalesce(m.amount, 0)::text
FROM (SELECT * FROM open_item WHERE kind IN (1, 3)) AS i FULL JOIN (
    SELECT account_id, source, CASE WHEN kind = 8 THEN 3 ELSE 1 END AS kind,
        sum(CASE WHEN debit = 1122 THEN amount ELSE -amount END) AS amount
    FROM movement WHERE kind IN (1, 2, 8) AND (debit = 1122 OR credit = 1122)
    GROUP BY account_id, source, CASE WHEN kind = 8 THEN 3 ELSE 1 END
) AS m ON m.account_id = i.account_id AND m.source = i.period::bigint * {source_of_seq} + i.seq AND m.kind = i.kind
WHERE coalesce(i.amount, 0) <> coalesce(m.amount, 0)

-- check: late_item_amount on open_item
-- en: The amount of a late charge is not what the record of its days comes to
-- zh: 违约金金额与其计算记录不符
SELECT concat_ws('/', coalesce(i.account_id, l.account_id), coalesce(i.period, l.item_period), 2,
        coalesce(i.seq, l.item_seq)),
    coalesce(i.amount::text, 'no item'), coalesce(l.amount, 0)::text
FROM (SELECT * FROM open_item WHERE kind = 2) AS i FULL JOIN (
    SELECT account_id, item_period, item_seq, sum(amount) AS amount
    FROM late_charge GROUP BY account_id, item_period, item_seq
) AS l ON l.account_id = i.account_id AND l.item_period = i.period AND l.item_seq = i.seq
WHERE coalesce(i.amount, 0) <> coalesce(l.amount, 0) OR i.account_id IS NULL

-- check: late_charged on open_item
-- en: The late charge noted on a bill is not the sum of its late charges
-- zh: 账单上记录的已计违约金与违约金合计不符
SELECT concat_ws('/', b.account_id, b.period, 1, b.seq), b.late_charged::text, coalesce(l.amount, 0)::text
FROM open_item AS b LEFT JOIN (
    SELECT account_id, period, seq / {late_seq} AS seq, sum(amount) AS amount
    FROM open_item WHERE kind = 2 GROUP BY account_id, period, seq / {late_seq}
) AS l ON l.account_id = b.account_id AND l.period = b.period AND l.seq = b.seq
WHERE b.kind = 1 AND b.late_charged <> coalesce(l.amount, 0)

-- check: late_charge_moved on late_charge
-- en: The late charges of a settlement are not what was posted as late charge
-- zh: 违约金记录与记账不符
SELECT concat_ws('/', coalesce(l.account_id, m.account_id), coalesce(l.payment_no, m.source)),
    coalesce(l.amount, 0)::text, coalesce(m.amount, 0)::text
FROM (
    SELECT account_id, payment_no, sum(amount) AS amount FROM late_charge GROUP BY account_id, payment_no
) AS l FULL JOIN (
    SELECT account_id, source, sum(CASE WHEN kind = 5 THEN amount ELSE -amount END) AS amount
    FROM movement WHERE kind IN (5, 6) GROUP BY account_id, source
) AS m ON m.account_id = l.account_id AND m.source = l.payment_no
WHERE coalesce(l.amount, 0) <> coalesce(m.amount, 0)

-- check: settlement_allocated on allocation
-- en: What a settlement allocated is not what its movements took off the receivables
-- zh: 销账合计与冲减应收的记账不符
SELECT concat_ws('/', coalesce(a.account_id, m.account_id), coalesce(a.payment_no, m.source)),
    coalesce(a.amount, 0)::text, coalesce(m.amount, 0)::text
FROM (
    SELECT account_id, payment_no, sum(amount) AS amount FROM allocation GROUP BY account_id, payment_no
) AS a FULL JOIN (
    SELECT account_id, source, sum(CASE WHEN credit = 1122 THEN amount ELSE -amount END) AS amount
    FROM movement WHERE kind IN (3, 4, 7, 9, 16, 17) AND (debit = 1122 OR credit = 1122) GROUP BY account_id, source
) AS m ON m.account_id = a.account_id AND m.source = a.payment_no
WHERE coalesce(a.amount, 0) <> coalesce(m.amount, 0)

-- check: balance_owed on balance
-- en: What an account owes is not the sum of its open items, or its oldest open period is noted too late
-- zh: 用户欠费不等于未结应收合计
SELECT coalesce(b.account_id, i.account_id)::text, coalesce(concat_ws(' from ', b.owed, b.open_from), 'no balance'),
    concat_ws(' from ', coalesce(i.open, 0), coalesce(i.oldest, 0))
FROM balance AS b FULL JOIN (
    SELECT account_id, sum(open) AS open, min(period) AS oldest FROM open_item WHERE open > 0 GROUP BY account_id
) AS i USING (account_id)
WHERE b.account_id IS NULL OR b.owed <> coalesce(i.open, 0)
    OR (i.oldest IS NOT NULL AND (b.open_from = 0 OR b.open_from > i.oldest))

-- check: control_receivable on balance
-- en: The receivable in the books of an account is not what it owes
-- zh: 应收总账与用户欠费不符
SELECT coalesce(b.account_id, m.account_id)::text, coalesce(b.owed::text, 'no balance'), coalesce(m.receivable, 0)::text
FROM balance AS b FULL JOIN (
    SELECT account_id, sum(CASE WHEN debit = 1122 THEN amount ELSE -amount END) AS receivable
    FROM movement WHERE debit = 1122 OR credit = 1122 GROUP BY account_id
) AS m USING (account_id)
WHERE coalesce(b.owed, 0) <> coalesce(m.receivable, 0)

-- check: control_credit on balance
-- en: The credit in the books of an account is not the credit it has
-- zh: 预收总账与用户预存不符
SELECT coalesce(b.account_id, m.account_id)::text, coalesce(b.credit::text, 'no balance'), coalesce(m.credit, 0)::text
FROM balance AS b FULL JOIN (
    SELECT account_id, sum(CASE WHEN credit = 2203 THEN amount ELSE -amount END) AS credit
    FROM movement WHERE debit = 2203 OR credit = 2203 GROUP BY account_id
) AS m USING (account_id)
WHERE coalesce(b.credit, 0) <> coalesce(m.credit, 0)

-- check: units_cleared on movement
-- en: What units owe one another (3001) does not come to nothing under a number
-- zh: 核算单元间清算往来（3001）按流水合计不为零
SELECT concat_ws(' ', source, CASE settled WHEN true THEN 'settled' END), amount::text, '0'
FROM (
    SELECT source, kind = 13 AS settled, sum(CASE WHEN debit = 3001 THEN amount ELSE -amount END) AS amount
    FROM movement WHERE debit = 3001 OR credit = 3001 GROUP BY source, kind = 13
) AS number
WHERE amount <> 0
