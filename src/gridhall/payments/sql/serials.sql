-- Serials of partners with the payment that is booked under each, and the reversal by which it was undone.
SELECT s.partner_id, s.serial, s.batch, s.account_id, s.amount, s.at, s.void, s.reversal_serial,
    coalesce(k.payment_no, 0), coalesce(r.no, 0)
FROM unnest(%s::bigint[], %s::text[]) AS wanted (partner_id, serial)
JOIN payments_partnerserial AS s ON s.partner_id = wanted.partner_id AND s.serial = wanted.serial
LEFT JOIN payment_key AS k ON k.account_id = s.account_id AND k.key = concat_ws(':', 'bank', s.partner_id, s.serial)
LEFT JOIN payment AS r ON r.account_id = s.account_id AND r.reverses = k.payment_no AND r.kind = 2
