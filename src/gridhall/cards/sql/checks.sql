-- check: cards_unused on card
-- en: What is owed for recharge cards (2204) is not the value of the cards that can be used
-- zh: 未使用充值卡（2204）余额与可用卡面值合计不符
SELECT '2204', coalesce(books.amount, 0)::text, coalesce(cards.face, 0)::text
FROM (
    SELECT sum(CASE WHEN credit = 2204 THEN amount ELSE -amount END) AS amount
    FROM movement WHERE debit = 2204 OR credit = 2204
) AS books, (
    SELECT sum(t.face) AS face FROM card AS c
    JOIN cards_cardorder AS o ON o.id = c.order_id JOIN cards_cardtype AS t ON t.id = o.type_id
    WHERE c.state = 4 OR c.frozen_from = 4
) AS cards
WHERE coalesce(books.amount, 0) <> coalesce(cards.face, 0)

-- check: cards_of_agents on cards_agent
-- en: What an agent owes is not what he sold less what he paid
-- zh: 代销商欠款与其售卡、缴款合计不符
SELECT a.code, a.owes::text, (coalesce(s.owed, 0) - coalesce(p.paid, 0))::text
FROM cards_agent AS a
LEFT JOIN (SELECT agent_id, sum(face - commission) AS owed FROM cards_cardsale GROUP BY agent_id) AS s ON s.agent_id = a.id
LEFT JOIN (SELECT agent_id, sum(amount) AS paid FROM cards_agentsettlement GROUP BY agent_id) AS p ON p.agent_id = a.id
WHERE a.owes <> coalesce(s.owed, 0) - coalesce(p.paid, 0)
