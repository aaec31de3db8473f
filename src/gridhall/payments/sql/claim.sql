-- Write down serials that have not come before and whose batch number has not been used.
INSERT INTO payments_partnerserial
    (partner_id, serial, batch, account_id, amount, bank_on, outlet, operator, at, void, reversal_serial)
SELECT partner_id, serial, batch, account_id, amount, bank_on, outlet, operator, %(at)s, false, ''
FROM unnest(
    %(partner)s::bigint[], %(serial)s::text[], %(batch)s::text[], %(account)s::bigint[], %(amount)s::bigint[],
    %(bank_on)s::date[], %(outlet)s::text[], %(operator)s::text[]
) AS c (partner_id, serial, batch, account_id, amount, bank_on, outlet, operator)
ON CONFLICT DO NOTHING
RETURNING partner_id, serial
