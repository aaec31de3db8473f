-- The invariants of batch debit.

-- check: debit_booked on debit_result
-- en: A debit that the bank made is not in the books with its amount, and no parked row says why
-- zh: 银行已扣款而未按金额入账，且无挂起说明
SELECT concat_ws('/', r.account_id, r.cycle_id, r.attempt), coalesce(p.amount::text, 'not booked'), r.amount::text
FROM debit_result AS r
JOIN debits_resultfile AS f ON f.id = r.result_id AND f.state = 'posted'
JOIN debit_line AS l ON l.account_id = r.account_id AND l.cycle_id = r.cycle_id AND l.attempt = r.attempt
LEFT JOIN payment_key AS k ON k.account_id = r.account_id
    AND k.key = concat('debit:', lpad(l.file_id::text, 8, '0'), ':', lpad(l.line::text, 7, '0'))
LEFT JOIN payment AS p ON p.account_id = k.account_id AND p.no = k.payment_no
WHERE r.outcome = 1 AND p.amount IS DISTINCT FROM r.amount AND NOT EXISTS (
    SELECT FROM debits_parkedrow AS x WHERE x.file_id = l.file_id AND x.line = l.line AND x.code = 'not_posted'
)

-- check: debit_of_line on debit_line
-- en: A line of a debit file has no debit, or asks for more than was announced
-- zh: 扣款文件明细没有对应的扣款，或金额超过通知金额
SELECT concat_ws('/', l.account_id, l.cycle_id, l.attempt), l.amount::text, coalesce(d.amount::text, 'no debit')
FROM debit_line AS l
LEFT JOIN debit AS d ON d.account_id = l.account_id AND d.cycle_id = l.cycle_id AND d.attempt = l.attempt
WHERE d.account_id IS NULL OR l.amount > d.amount
