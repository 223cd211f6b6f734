-- Gives the right to compute a run back. Parameters: $1 id. Reads no table.
SELECT pg_advisory_unlock(hashtextextended($1::text, 0))
