-- Marks the stress runs that stand on undone blocks. Parameters: $1 chain id, $2 height that remains.
-- Reads stress_run whole: it is thinned to a thousand rows.
UPDATE stress_run SET orphaned_at = clock_timestamp()
WHERE orphaned_at IS NULL AND (as_of -> $1::bigint::text ->> 'height')::bigint > $2
