-- The partition of a big table for a period; made once, however many ask at the same time.
CREATE OR REPLACE FUNCTION gridhall_ensure_partition(parent text, period integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    child text := format('%s_%s', parent, period);
BEGIN
    IF to_regclass(child) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('gridhall_partition:' || child));
        IF to_regclass(child) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES IN (%s)', child, parent, period);
        END IF;
    END IF;
END $$;

-- A contiguous block of numbers: setval moves the sequence past it under a lock of this sequence alone.
CREATE OR REPLACE FUNCTION gridhall_take_numbers(sequence text, how_many bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    first bigint;
BEGIN
    PERFORM pg_advisory_lock(hashtext('gridhall_numbers:' || sequence));
    first := nextval(sequence::regclass);
    IF how_many > 1 THEN
        PERFORM setval(sequence::regclass, first + how_many - 1);
    END IF;
    PERFORM pg_advisory_unlock(hashtext('gridhall_numbers:' || sequence));
    RETURN first;
END $$;
