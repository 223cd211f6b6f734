-- Enters a run as under way, also one that failed or was cancelled before; a run that is done stays as it is. A block of it
-- that is not its chain's any more (a reorg came between) marks it from the start.
-- Parameters: $1 id, $2 chain id, $3 scenario, $4 request, $5 as-of, $6 seed, $7 hash of the engine, $8 who asked.
-- Result: status. Index: stress_run's primary key, then block's.
INSERT INTO stress_run AS r (id, chain_id, scenario, request, as_of, seed, model_sha256, started_by, status, orphaned_at)
SELECT $1::text, $2::bigint, $3::text, $4::jsonb, $5::jsonb, $6::numeric, $7::text, $8::text, 'running',
  CASE WHEN EXISTS (
    SELECT 1 FROM jsonb_each($5::jsonb) AS c (chain_id, place) LEFT JOIN block b
      ON b.chain_id = c.chain_id::bigint AND b.height = (c.place ->> 'height')::bigint
    WHERE b.hash IS DISTINCT FROM c.place ->> 'hash') THEN clock_timestamp() END
ON CONFLICT (id) DO UPDATE SET
  status = CASE WHEN r.status = 'done' THEN r.status ELSE excluded.status END,
  created_at = CASE WHEN r.status = 'done' THEN r.created_at ELSE clock_timestamp() END,
  error = CASE WHEN r.status = 'done' THEN r.error END,
  finished_at = CASE WHEN r.status = 'done' THEN r.finished_at END,
  elapsed_ms = CASE WHEN r.status = 'done' THEN r.elapsed_ms END,
  orphaned_at = excluded.orphaned_at
RETURNING status
