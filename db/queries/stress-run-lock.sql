-- Takes the right to compute a run, for as long as the session lasts. Parameters: $1 id. Result: is_mine. Reads no table.
SELECT pg_try_advisory_lock(hashtextextended($1::text, 0)) AS is_mine
