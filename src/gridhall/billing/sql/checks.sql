-- The invariants of bills. Each check answers the rows that break it: (key, what it is, what it should be).

-- check: bill_is_its_lines on bill
-- en: A bill does not come to the sum of its lines
-- zh: 账单金额不等于明细合计
SELECT concat_ws('/', coalesce(b.account_id, l.account_id), coalesce(b.period, l.period), coalesce(b.seq, l.seq)),
    coalesce(b.amount::text, 'no bill'), coalesce(l.amount, 0)::text
FROM bill AS b FULL JOIN (
    SELECT account_id, period, seq, sum(amount) AS amount FROM bill_line GROUP BY account_id, period, seq
) AS l ON l.account_id = b.account_id AND l.period = b.period AND l.seq = b.seq
WHERE b.account_id IS NULL OR b.amount <> coalesce(l.amount, 0)

-- check: bill_is_its_use on bill
-- en: The energy of a bill is not that of its registers (by period where it has such, else the total) or intervals
-- zh: 账单电量与示数电量或负荷数据电量不符
SELECT concat_ws('/', coalesce(b.account_id, u.account_id), coalesce(b.period, u.period), coalesce(b.seq, u.seq)),
    coalesce(b.wh::text, 'no bill'), coalesce(u.wh, 0)::text
FROM bill AS b FULL JOIN (
    SELECT account_id, period, seq,
        CASE WHEN bool_or(tou BETWEEN 1 AND 4 OR tou = 7)
            THEN sum(wh) FILTER (WHERE tou BETWEEN 1 AND 4 OR tou = 7)
            ELSE sum(wh) FILTER (WHERE tou = 0) END AS wh
    FROM bill_use GROUP BY account_id, period, seq
) AS u ON u.account_id = b.account_id AND u.period = b.period AND u.seq = b.seq
LEFT JOIN (
    SELECT f.account_id, f.period, f.seq, coalesce(sum(s.wh_total), min(f.value)) AS wh
    FROM bill_fact AS f
    LEFT JOIN bill_segment AS s ON s.account_id = f.account_id AND s.period = f.period AND s.seq = f.seq
    WHERE f.n = 0 AND f.fact = 101 GROUP BY f.account_id, f.period, f.seq
) AS i ON i.account_id = b.account_id AND i.period = b.period AND i.seq = b.seq
WHERE b.account_id IS NULL OR b.wh <> coalesce(i.wh, u.wh, 0)

-- check: bill_is_posted on bill
-- en: What a bill moved in the ledger is not its amount (0 once it is cancelled)
-- zh: 账单与记账金额不符（作废账单应为0）
SELECT concat_ws('/', b.account_id, b.period, b.seq), coalesce(m.amount, 0)::text,
    (CASE WHEN b.state = 1 THEN b.amount ELSE 0 END)::text
FROM bill AS b LEFT JOIN (
    SELECT account_id, source, sum(CASE WHEN debit IN (1122, 2203) THEN amount ELSE -amount END) AS amount
    FROM movement WHERE kind IN (1, 2) GROUP BY account_id, source
) AS m ON m.account_id = b.account_id AND m.source = b.period::bigint * {source_of_seq} + b.seq
WHERE coalesce(m.amount, 0) <> CASE WHEN b.state = 1 THEN b.amount ELSE 0 END

-- check: one_bill_a_period on bill
-- en: An agreement has more than one issued bill of a period
-- zh: 同一合同同一账期有多张有效账单
SELECT concat_ws('/', account_id, period, string_agg(seq::text, ',' ORDER BY seq)), count(*)::text, '1'
FROM bill WHERE state = 1 GROUP BY account_id, period, agreement_id HAVING count(*) > 1

-- check: bills_join on bill_use
-- en: A bill does not begin with the value on which the bill before it ended
-- zh: 账单起始示数与上期账单截止示数不一致
SELECT concat_ws('/', account_id, period, seq, register_id), previous_value::text, ended::text
FROM (
    SELECT u.*, lag(u.current_value) OVER chain AS ended, lag(u.kind) OVER chain AS ended_by,
        lag(u.period) OVER chain AS ended_in
    FROM bill_use AS u JOIN bill AS b ON b.account_id = u.account_id AND b.period = u.period AND b.seq = u.seq
    WHERE b.state = 1 AND u.tou <> 6 AND u.tou NOT BETWEEN 8 AND 12
    WINDOW chain AS (PARTITION BY u.account_id, b.agreement_id, u.register_id ORDER BY u.period, u.current_on, u.n)
) AS chained
WHERE ended <> previous_value AND ended_by <> 5
    -- where a bill between was cancelled and not made again the days have a gap, which the next run holds
    AND NOT EXISTS (
        SELECT FROM bill AS gone WHERE gone.account_id = chained.account_id AND gone.state = 2
            AND gone.period > chained.ended_in AND gone.period < chained.period
    )
