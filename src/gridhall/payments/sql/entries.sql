-- The lines of a statement that have not come before. A line that came in another statement of the account is left out.
INSERT INTO payments_statemententry (
    account_id, statement_id, line, key, booked_on, value_on, amount, bank_ref, payer_name, payer_account,
    virtual_account, text, confirms
)
SELECT %(account)s, %(statement)s, line, key, booked_on, value_on, amount, bank_ref, payer_name, payer_account,
    virtual_account, text, confirms
FROM unnest(
    %(line)s::int[], %(key)s::text[], %(booked_on)s::date[], %(value_on)s::date[], %(amount)s::bigint[],
    %(bank_ref)s::text[], %(payer_name)s::text[], %(payer_account)s::text[], %(virtual_account)s::text[],
    %(text)s::text[], %(confirms)s::text[]
) AS e (
    line, key, booked_on, value_on, amount, bank_ref, payer_name, payer_account, virtual_account, text, confirms
)
ON CONFLICT (account_id, key) DO NOTHING
